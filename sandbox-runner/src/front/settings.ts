/** What front is started with. Anything missing or malformed keeps it from starting. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const publicKeySchema = z
  .looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().min(1),
    kid: z.string().min(1),
  })
  .refine((key) => !('d' in key), 'must be a public key; this one holds the private half')
  .transform(({ kty, crv, x, kid }) => ({ kty, crv, x, kid }))

const json = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('must be JSON')
    return z.NEVER
  }
}

const settingsSchema = z.object({
  EDGECLAW_RUNNER_HOST: z.string().min(1).default('127.0.0.1'),
  EDGECLAW_RUNNER_PORT: z.coerce.number().int().min(0).max(65_535).default(8_788),
  EDGECLAW_RUNNER_AUDIENCE: z.string().min(1).max(200),
  /** One key; two while the gateway's is being rotated. */
  EDGECLAW_RUNNER_PUBLIC_KEYS: z
    .string()
    .transform(json)
    .pipe(z.array(publicKeySchema).min(1).max(2)),
  EDGECLAW_RUNNER_STATE: z.string().min(1),
  EDGECLAW_RUNNER_MAX_EXECS: z.coerce.number().int().min(1).max(1_000).default(32),
  EDGECLAW_RUNNER_CACHE_MB: z.coerce.number().int().min(300).default(4_096),
  /** Name servers for `/v1/fetch` and allow lists, `address:port` separated by commas; else the system's resolver. */
  EDGECLAW_RUNNER_DNS: z.string().optional(),
  EDGECLAW_RUNNER_TLS_CERT: z.string().optional(),
  EDGECLAW_RUNNER_TLS_KEY: z.string().optional(),
  EDGECLAW_LAUNCHER_SOCKET: z.string().min(1),
  EDGECLAW_SANDBOX_IMAGE: z.string().min(1).max(200).default('edgeclaw-sandbox:bookworm-slim'),
})

export type FrontSettings = z.infer<typeof settingsSchema>

export function parseFrontSettings(env: NodeJS.ProcessEnv): FrontSettings {
  const parsed = settingsSchema.safeParse(env)
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => {
      const [name, ...rest] = path.map(String)
      return env[name ?? ''] === undefined
        ? `${name} is missing`
        : `${[name, ...rest].join('.')} is wrong: ${message}`
    })
    throw new Error(`the sandbox-runner cannot start: ${reasons.join('; ')}`)
  }
  const settings = parsed.data
  if (
    (settings.EDGECLAW_RUNNER_TLS_CERT === undefined) !==
    (settings.EDGECLAW_RUNNER_TLS_KEY === undefined)
  ) {
    throw new Error(
      'the sandbox-runner cannot start: EDGECLAW_RUNNER_TLS_CERT and EDGECLAW_RUNNER_TLS_KEY belong together',
    )
  }
  return settings
}

/** Certificate and key, or null for plain HTTP behind a tunnel or on loopback. */
export const readTls = (settings: FrontSettings): { cert: string; key: string } | null =>
  settings.EDGECLAW_RUNNER_TLS_CERT === undefined || settings.EDGECLAW_RUNNER_TLS_KEY === undefined
    ? null
    : {
        cert: readFileSync(settings.EDGECLAW_RUNNER_TLS_CERT, 'utf8'),
        key: readFileSync(settings.EDGECLAW_RUNNER_TLS_KEY, 'utf8'),
      }
