/**
 * What a tool is, and what it is handed when it runs. A tool decides nothing about who may call it:
 * policy, autonomy, budget and approval stand before it in `invoke.ts`.
 */
import { z } from 'zod'
import type { StandingMatch } from '../domain/approval.ts'
import type { ToolSpec } from '../domain/model.ts'
import type { ChannelFilesPort } from '../domain/ports/channel-files.ts'
import type { CronPort } from '../domain/ports/cron.ts'
import type { CustomToolPort } from '../domain/ports/custom-tools.ts'
import type { McpPort } from '../domain/ports/mcp.ts'
import type { MemoryPort } from '../domain/ports/memory.ts'
import type { SandboxPort } from '../domain/ports/sandbox.ts'
import type { SearchPort } from '../domain/ports/search.ts'
import type { SkillsPort } from '../domain/ports/skills.ts'
import type { SessionsPort, SubAgentPort } from '../domain/ports/sub-agents.ts'
import type { WebPort } from '../domain/ports/web.ts'
import type { WorkspacePort } from '../domain/ports/workspace.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { ActivityPhase } from '../domain/run-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { WorkspaceAccess, WorkspaceNeed } from './access.ts'
import type { ApprovalBinding } from './approval.ts'
import type { CredentialedPolicy } from './credentialed/policy.ts'
import type { CredentialPort } from './credentialed/port.ts'
import type { ToolGroup } from './groups.ts'
import type { EffectiveToolPolicy } from './policy.ts'
import type { ToolRefusal } from './refusal.ts'
import type { ShellPolicy, SimpleCommand } from './shell/command.ts'

export interface ToolContext {
  /** Unique per run and call: the idempotency key of whatever the tool does. */
  readonly callId: string
  /** The call may have been started before: it attaches to what is there, or says it is unknown. */
  readonly isResumed: boolean
  readonly workspace: WorkspacePort
  /** Null when no runner answers or the sandbox is off: there is no host to fall back to. */
  readonly sandbox: SandboxPort | null
  /** Null where no address can be checked before it is contacted: then nothing is contacted. */
  readonly web: WebPort | null
  /** Null outside of a conversation of a channel. */
  readonly channelFiles: ChannelFilesPort | null
  /** Null when the tenant has set up no search engine. */
  readonly search: SearchPort | null
  /** Null where no schedule may be set: in a run that nobody's message began. */
  readonly cron: CronPort | null
  /** Null outside of a conversation. */
  readonly subAgents: SubAgentPort | null
  readonly sessions: SessionsPort | null
  /** Another tool on the way, judged as a call of its own; one that would have to ask is refused. */
  readonly callTool: (name: string, args: unknown) => Promise<ToolOutcome>
  /** Null where no address can be checked before it is contacted. */
  readonly mcp: McpPort | null
  /** What the tenant's own tools keep sealed, and their way out. */
  readonly custom: CustomToolPort | null
  /** Of the run's agent and the conversation's user; null where nothing is remembered. */
  readonly memory: MemoryPort | null
  /** Null outside of a conversation. */
  readonly skills: SkillsPort | null
  readonly access: WorkspaceAccess
  readonly policy: EffectiveToolPolicy
  readonly credentialed: CredentialedPolicy
  readonly credentials: CredentialPort
  /** The conversation holds text from outside: what is written from here on carries that label. */
  readonly hasSeenUntrusted: boolean
  readonly signal: AbortSignal
  readonly onActivity: (phase: ActivityPhase, detail?: Readonly<Record<string, unknown>>) => void
}

/** What a tool's own guard may look at. */
export interface GuardContext {
  readonly access: WorkspaceAccess
  readonly shell: ShellPolicy
  readonly credentialed: CredentialedPolicy
}

/** What the guard found; `commands` and `cwd` are there for tools that run a shell command. */
export interface GuardFindings {
  /** Whether this very call changes nothing, though the tool as such could. */
  readonly isReadOnly: boolean
  readonly cwd: string | null
  /** Null for a tool that runs no command: then exec approval does not apply. */
  readonly commands: readonly SimpleCommand[] | null
  /** Of a call that runs with a credential: what an approval of it binds. */
  readonly credential?: {
    readonly envNames: readonly string[]
    readonly network: ApprovalBinding['network']
  }
  /** What an `allow-always` for this call would stand for; null when none can be given. */
  readonly standing: StandingMatch | null
}

export interface ToolDefinition<Schema extends z.ZodType> {
  /** As the model names it: `[a-z][a-z0-9_]*`, and after a double underscore an MCP tool's own. */
  readonly name: string
  readonly description: string
  readonly schema: Schema
  readonly group: ToolGroup
  readonly isReadOnly: boolean
  /** May run beside other calls of the same model turn. */
  readonly isParallelSafe: boolean
  /** Repeating a call with the same `callId` has one effect. */
  readonly isIdempotent: boolean
  /** Its arguments leave the gateway: a registered secret in them is refused. */
  readonly sendsOut: boolean
  readonly needs: WorkspaceNeed
  /** Pure and synchronous, so that a dry run judges exactly as a real one. */
  readonly guard?: (
    args: z.output<Schema>,
    context: GuardContext,
  ) => Result<GuardFindings, ToolRefusal>
  readonly run: (args: z.output<Schema>, context: ToolContext) => Promise<ToolOutcome>
}

/** A call whose arguments passed the tool's schema; they are closed over and cannot be swapped. */
export interface BoundCall {
  /** The arguments as validated, defaults filled in. */
  readonly arguments: unknown
  readonly guard: (context: GuardContext) => Result<GuardFindings, ToolRefusal>
  readonly run: (context: ToolContext) => Promise<ToolOutcome>
}

/** A tool with the type of its arguments hidden, as registries and gates hold it. */
export interface Tool {
  readonly name: string
  readonly group: ToolGroup
  readonly isReadOnly: boolean
  readonly isParallelSafe: boolean
  readonly isIdempotent: boolean
  readonly sendsOut: boolean
  readonly needs: WorkspaceNeed
  readonly spec: ToolSpec
  /** The error names the faulty arguments in words for the model. */
  readonly bind: (args: unknown) => Result<BoundCall, string>
}

/** More faults than this help no model to repair its call. */
const MAX_REPORTED_FAULTS = 5

export function defineTool<Schema extends z.ZodType>(definition: ToolDefinition<Schema>): Tool {
  const { name, description, group, isReadOnly, isParallelSafe, isIdempotent, sendsOut, needs } =
    definition
  const findings: GuardFindings = { isReadOnly, cwd: null, commands: null, standing: null }
  return {
    name,
    group,
    isReadOnly,
    isParallelSafe,
    isIdempotent,
    sendsOut,
    needs,
    spec: { name, description, parameters: parametersOf(definition.schema) },
    bind: (args) => {
      const parsed = definition.schema.safeParse(args)
      if (!parsed.success) return err(describeFaults(parsed.error))
      const value = parsed.data
      return ok({
        arguments: value,
        guard: (context) => definition.guard?.(value, context) ?? ok(findings),
        run: (context) => definition.run(value, context),
      })
    },
  }
}

/** `input` mode leaves arguments with a default optional; vendors refuse a `$schema` key. */
function parametersOf(schema: z.ZodType): ToolSpec['parameters'] {
  const { $schema: _, ...parameters } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return parameters
}

function describeFaults(error: z.ZodError): string {
  return error.issues
    .slice(0, MAX_REPORTED_FAULTS)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}
