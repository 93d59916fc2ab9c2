/** The policy slice of `isolation/`: where a command runs, and how little it gets. */
import { z } from 'zod'

/** A tenant or agent may tighten these ceilings, never raise them; the runner enforces them again. */
export const SANDBOX_CEILINGS = {
  memoryMb: 512,
  cpus: 1,
  pids: 128,
  timeoutSeconds: 300,
  outputBytes: 1_048_576,
} as const

export const sandboxLimitsSchema = z.strictObject({
  memory_mb: z.number().int().min(16).max(SANDBOX_CEILINGS.memoryMb).optional(),
  cpus: z.number().min(0.1).max(SANDBOX_CEILINGS.cpus).optional(),
  pids: z.number().int().min(8).max(SANDBOX_CEILINGS.pids).optional(),
  timeout_seconds: z.number().int().min(1).max(SANDBOX_CEILINGS.timeoutSeconds).optional(),
  output_bytes: z.number().int().min(1_024).max(SANDBOX_CEILINGS.outputBytes).optional(),
})

export const sandboxPolicySchema = z.strictObject({
  mode: z.enum(['off', 'non-main', 'all']).optional(),
  image: z.string().max(200).optional(),
  scope: z.enum(['session', 'agent', 'shared']).optional(),
  workspace_access: z.enum(['none', 'ro', 'rw']).optional(),
  limits: sandboxLimitsSchema.optional(),
})
export type SandboxPolicy = z.infer<typeof sandboxPolicySchema>

/** From the tightest to the widest. */
const ACCESSES = ['none', 'ro', 'rw'] as const
export type WorkspaceAccess = (typeof ACCESSES)[number]

/** Of the values that levels set the tightest: what one level closed no other opens. */
export function tightest<Value>(
  order: readonly Value[],
  fallback: Value,
  levels: readonly (Value | undefined)[],
): Value {
  return order.find((value) => levels.includes(value)) ?? fallback
}

/** The image is a place and no right: the nearest level names it. Null: the runner's own. */
export const effectiveImage = (levels: readonly SandboxPolicy[]): string | null =>
  levels.findLast(({ image }) => image !== undefined)?.image ?? null

/** How much of the workspace is left, for the file tools and for commands alike. */
export const effectiveAccess = (levels: readonly SandboxPolicy[]): WorkspaceAccess =>
  tightest<WorkspaceAccess>(
    ACCESSES,
    'rw',
    levels.map(({ workspace_access }) => workspace_access),
  )
