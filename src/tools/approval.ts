/**
 * Approvals: the exec approval table, and the exact form of what an approval binds. Storing, asking
 * and answering are adapters elsewhere; without them whatever must ask is refused.
 */
import { canonicalJson } from '../crypto/canonical-json.ts'
import type { ExecApproval } from '../domain/config/tool-policy.ts'
import type { AgentId, RunId, TenantId } from '../domain/ids.ts'
import type { WorkspaceAccess } from './access.ts'

export type ApprovalDecision = 'allow' | 'ask' | 'deny'

/** Which rule wants a human: shown to whoever is asked. */
export type ApprovalReason = 'autonomy' | 'exec_approval'

/** What the table needs to know of a command; both mean *every* simple command of it. */
export interface CommandStanding {
  readonly isAllowlisted: boolean
  readonly isReadOnly: boolean
}

export function decideExecApproval(
  config: Pick<ExecApproval, 'security' | 'ask'>,
  command: CommandStanding,
): ApprovalDecision {
  switch (config.security) {
    case 'deny':
      return 'deny'
    case 'allowlist':
      if (config.ask === 'always') return 'ask'
      if (command.isAllowlisted) return 'allow'
      return config.ask === 'off' ? 'deny' : 'ask'
    case 'full':
      if (config.ask === 'off') return 'allow'
      if (config.ask === 'always') return 'ask'
      return command.isAllowlisted || command.isReadOnly ? 'allow' : 'ask'
  }
}

/** Deny beats ask, ask beats allow. */
export function strictest(...decisions: readonly ApprovalDecision[]): ApprovalDecision {
  if (decisions.includes('deny')) return 'deny'
  return decisions.includes('ask') ? 'ask' : 'allow'
}

/**
 * Everything an approval was given for. All of it is compared again when the call starts, so that a
 * changed script, policy or workspace asks anew.
 */
export interface ApprovalBinding {
  readonly tenantId: TenantId
  readonly agentId: AgentId
  readonly sessionKey: string
  readonly runId: RunId
  readonly callId: string
  readonly tool: string
  /** Canonical JSON: keys sorted, no white space. */
  readonly arguments: string
  readonly cwd: string | null
  /** Names only; values are secrets. Sorted. */
  readonly envNames: readonly string[]
  readonly access: WorkspaceAccess
  readonly network: 'none' | 'egress_allowlist'
  /** The tenant snapshot's version under which the call was judged. */
  readonly policyVersion: number
  /** Root of the workspace's manifest; null for a call that cannot see the workspace. */
  readonly workspaceRoot: string | null
}

/** More open questions than this drown the one who answers. */
export const MAX_PENDING_APPROVALS_PER_SESSION = 3
/** One person with many conversations shall not fill the page that everybody's questions are on. */
export const MAX_PENDING_APPROVALS_PER_REQUESTER = 20
/** Of a call as it is shown. More than this no human reads, and a list of such takes the gateway down. */
export const MAX_ASKED_CHARS = 32 * 1024

export const isSameBinding = (a: ApprovalBinding, b: ApprovalBinding): boolean =>
  canonicalJson(a) === canonicalJson(b)
