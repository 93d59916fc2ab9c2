/** A question to a human whether one call may be made, as it is kept and shown. */
import { z } from 'zod'
import { agentIdSchema, runIdSchema, userIdSchema } from './ids.ts'

export const APPROVAL_STATES = ['pending', 'approved', 'denied', 'expired', 'consumed'] as const

export const approvalSchema = z.object({
  id: z.string(),
  agentId: agentIdSchema,
  agentKey: z.string(),
  sessionKey: z.string(),
  runId: runIdSchema,
  callId: z.string(),
  tool: z.string(),
  /** JSON of the arguments as they are shown: whole, but for registered secrets. */
  arguments: z.string(),
  /** Empty for a call that has none. */
  cwd: z.string(),
  envNames: z.array(z.string()).readonly(),
  access: z.string(),
  network: z.string(),
  policyVersion: z.string(),
  /** Empty for a call that cannot see the workspace. */
  manifestRoot: z.string(),
  /** What an `allow-always` would stand for; null when none can be given. */
  standing: z
    .object({ argv: z.array(z.string()).readonly(), cwd: z.string(), matchHash: z.string() })
    .nullable(),
  /** Which rule asked. */
  reason: z.string(),
  /** SHA-256 over the whole binding. */
  bindingHash: z.string(),
  status: z.enum(APPROVAL_STATES),
  requestedBy: userIdSchema,
  /** Whose conversation it is; an admin may have started the run in it. */
  sessionOwner: userIdSchema,
  decidedBy: userIdSchema.nullable(),
  decidedAt: z.number().nullable(),
  consumedAt: z.number().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
})
export type Approval = Readonly<z.infer<typeof approvalSchema>>

/** `allow-always`: one command with exactly these words in this folder, until it expires. */
export const standingApprovalSchema = z.object({
  id: z.string(),
  agentKey: z.string(),
  tool: z.string(),
  argv: z.array(z.string()).readonly(),
  cwd: z.string(),
  matchHash: z.string(),
  isRevoked: z.boolean(),
  createdBy: userIdSchema,
  createdAt: z.number(),
  expiresAt: z.number(),
})
export type StandingApproval = Readonly<z.infer<typeof standingApprovalSchema>>

/** What an `allow-always` stands for: these words in this folder. */
export interface StandingMatch {
  readonly argv: readonly string[]
  readonly cwd: string
}
