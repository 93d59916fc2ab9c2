/** The policy slice of `isolation/`: where a command runs, and how little it gets. */
import { z } from 'zod'
import { choice, settingsObject } from './settings-object.ts'

/** A tenant or agent may tighten these ceilings, never raise them; the runner enforces them again. */
export const SANDBOX_CEILINGS = {
  memoryMb: 512,
  cpus: 1,
  pids: 128,
  timeoutSeconds: 300,
  outputBytes: 1_048_576,
} as const

export const sandboxLimitsSchema = settingsObject({
  memory_mb: z
    .number()
    .int()
    .min(16)
    .max(SANDBOX_CEILINGS.memoryMb)
    .optional()
    .describe('Memory of a command in MB.'),
  cpus: z
    .number()
    .min(0.1)
    .max(SANDBOX_CEILINGS.cpus)
    .optional()
    .describe('Processors that a command may keep busy.'),
  pids: z
    .number()
    .int()
    .min(8)
    .max(SANDBOX_CEILINGS.pids)
    .optional()
    .describe('Processes and threads of a command.'),
  timeout_seconds: z
    .number()
    .int()
    .min(1)
    .max(SANDBOX_CEILINGS.timeoutSeconds)
    .optional()
    .describe('Seconds after which a command is ended.'),
  output_bytes: z
    .number()
    .int()
    .min(1_024)
    .max(SANDBOX_CEILINGS.outputBytes)
    .optional()
    .describe('Bytes of output that are kept; the rest is cut.'),
})

export const sandboxPolicySchema = settingsObject({
  mode: choice(['off', 'non-main', 'all'])
    .optional()
    .describe('Which conversations have a shell: none, all but `main`, or all (when absent).'),
  image: z
    .string()
    .max(200)
    .optional()
    .describe('The container image of commands; absent: the runner’s own.'),
  scope: choice(['session', 'agent', 'shared'])
    .optional()
    .describe('What one container is shared by, never across people; absent: session.'),
  workspace_access: choice(['none', 'ro', 'rw'])
    .optional()
    .describe('What commands and file tools may do in the workspace; absent: rw.'),
  limits: sandboxLimitsSchema
    .optional()
    .describe('Limits below the ceilings of the gateway; the tightest of all levels holds.'),
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

export type SandboxMode = NonNullable<SandboxPolicy['mode']>
export type SandboxScope = NonNullable<SandboxPolicy['scope']>

const MODES: readonly SandboxMode[] = ['off', 'non-main', 'all']
const DEFAULT_MODE: SandboxMode = 'all'
const DEFAULT_SCOPE: SandboxScope = 'session'

export const effectiveMode = (levels: readonly SandboxPolicy[]): SandboxMode =>
  tightest(
    MODES,
    DEFAULT_MODE,
    levels.map(({ mode }) => mode),
  )

/** What is a place and no right is the nearest level's to say. */
export const effectiveScope = (levels: readonly SandboxPolicy[]): SandboxScope =>
  levels.findLast(({ scope }) => scope !== undefined)?.scope ?? DEFAULT_SCOPE

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
