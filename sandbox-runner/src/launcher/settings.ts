/** What the launcher is started with. Anything missing or malformed keeps it from starting. */
import { z } from 'zod'

export const DEFAULT_SANDBOX_IMAGE = 'edgeclaw-sandbox:bookworm-slim'

const settingsSchema = z.object({
  EDGECLAW_LAUNCHER_SOCKET: z.string().min(1).max(100),
  /** Whose containers these are: those of a dead process with the same owner are removed at start. */
  EDGECLAW_LAUNCHER_OWNER: z.string().regex(/^[a-f0-9]{16,64}$/),
  /** Group that may connect, when front runs under another uid. */
  EDGECLAW_LAUNCHER_GID: z.coerce.number().int().min(0).optional(),
  EDGECLAW_RUNNER_MAX_EXECS: z.coerce.number().int().min(1).max(1_000).default(32),
  /** Containers made ahead of their jobs, of each shape in use; 0 makes every first job of a session wait. */
  EDGECLAW_RUNNER_POOL: z.coerce.number().int().min(0).max(200).default(3),
  /** Containers kept for their sessions between two jobs; 0 keeps none. */
  EDGECLAW_RUNNER_KEEP: z.coerce.number().int().min(0).max(1_000).default(8),
  EDGECLAW_SANDBOX_IMAGE: z.string().min(1).max(200).default(DEFAULT_SANDBOX_IMAGE),
  /** Further images that jobs may name, separated by commas. */
  EDGECLAW_SANDBOX_IMAGES: z.string().default(''),
  EDGECLAW_SANDBOX_RUNTIME: z.string().min(1).max(64).optional(),
  DOCKER_HOST: z.string().optional(),
})

export type LauncherSettings = z.infer<typeof settingsSchema>

export function parseLauncherSettings(env: NodeJS.ProcessEnv): LauncherSettings {
  const parsed = settingsSchema.safeParse(env)
  if (parsed.success) return parsed.data
  const names = parsed.error.issues.map((issue) => issue.path.join('.'))
  throw new Error(`the launcher cannot start: ${names.join(', ')} is missing or malformed`)
}
