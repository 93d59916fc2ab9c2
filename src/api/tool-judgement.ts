/** What the tools' gate says of an agent's tools and of single calls, in words of plain data. */
import { z } from 'zod'
import { SHELL_DENY_GROUPS } from '../domain/config/tool-policy.ts'
import type { Principal } from '../domain/principal.ts'

/** The five levels of the policy, and what else takes a tool away. */
const DECIDING_LEVELS = [
  'credential',
  'tenant',
  'agent',
  'channel',
  'owner',
  'subagent',
  'reader',
  'estop',
  'sandbox',
  'autonomy',
] as const

const decidedBySchema = z.object({
  level: z.enum(DECIDING_LEVELS),
  /** `defaults` or `own` of an agent; else the level's how-manieth place. */
  place: z.string(),
  /** `deny`, `allow`, `profile`, or the setting's name. */
  rule: z.string(),
  /** As the document says it; null where the tool is missing from an `allow` list. */
  entry: z.string().nullable(),
})
export type DecidedBy = z.infer<typeof decidedBySchema>

const judgedToolSchema = z.object({
  name: z.string(),
  group: z.string(),
  /** Whether a model of this agent is offered it. */
  allowed: z.boolean(),
  /** Allowed, but a human is asked before it changes anything. */
  asks: z.boolean(),
  /** Null: nobody says anything of it, and so it is allowed. */
  decidedBy: decidedBySchema.nullable(),
})

export const toolPolicySchema = z.object({
  tools: z.array(judgedToolSchema),
  /** What each level says, from the outermost. */
  levels: z.array(
    z.object({
      level: z.enum(DECIDING_LEVELS),
      place: z.string(),
      profile: z.string().optional(),
      allow: z.array(z.string()).optional(),
      deny: z.array(z.string()).optional(),
    }),
  ),
  shell: z.object({
    denyGroups: z.array(
      z.object({
        name: z.enum(SHELL_DENY_GROUPS),
        denied: z.boolean(),
        /** Whose word holds; `default`: nobody’s. */
        decidedBy: z.enum(['agent', 'defaults', 'tenant', 'default']),
      }),
    ),
    /** Null: any program that no group denies. */
    allowedCommands: z.array(z.string()).nullable(),
    approval: z.object({ security: z.string(), ask: z.string(), allowlist: z.array(z.string()) }),
  }),
  autonomy: z.string(),
  workspaceAccess: z.string(),
  /** Calls in an hour of one conversation; 0: no limit. */
  limitPerHour: z.number(),
})
export type ToolPolicyView = z.infer<typeof toolPolicySchema>

/** On whose behalf, beside the agent. */
export interface PolicyAsker {
  readonly credential: Pick<Principal['credential'], 'kind' | 'id'>
  /** Null: whoever the channel makes of the sender. */
  readonly ownerId: string | null
  /** Null: web chat. */
  readonly channel: {
    readonly instanceId: string
    readonly senderId: string
    readonly groupId?: string
  } | null
}

/** One simple command of a line, with what the lists make of it. */
export interface ReadCommand {
  readonly name: string
  /** Null: known when it runs. */
  readonly args: readonly (string | null)[]
  /** The command of this line that runs this one in its turn. */
  readonly wrapper: number | null
  readonly isTrusted: boolean
  readonly isReadOnly: boolean
  readonly isAllowlisted: boolean
}

export interface ReadLine {
  readonly commands: readonly ReadCommand[]
  readonly writesFile: boolean
  readonly isCut: boolean
}

/** How the gate read what it judged. */
export interface ParsedCall {
  /** Null: it cannot be read as bash. */
  readonly line?: ReadLine | null
  readonly url?: { readonly scheme: string; readonly host: string; readonly path: string } | null
}

type DecidingLayer =
  | 'arguments'
  | 'estop'
  | 'policy'
  | 'sandbox'
  | 'autonomy'
  | 'budget'
  | 'shell'
  | 'approval'
  | 'credential'
  | 'path'
  | 'url'

/** Which rule of which layer decided. */
export interface CallDecision {
  readonly layer: DecidingLayer
  readonly rule: string
  readonly detail: Readonly<Record<string, unknown>>
}

export type JudgedCall = {
  readonly decidedBy: CallDecision | null
  readonly parsed: ParsedCall
} & (
  | { readonly decision: 'allow' }
  | {
      readonly decision: 'ask' | 'deny'
      /** Which rule stands against it. */
      readonly kind: string
      /** As the model would be told. */
      readonly message: string
      /** Of a shell command. */
      readonly groups?: readonly string[]
    }
)
