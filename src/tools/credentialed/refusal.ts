/** Why a registered binary was not run, in words for the model and in fields for the events. */
import type { AgentId, TenantId } from '../../domain/ids.ts'
import { type SecurityEvent, securityEvent } from '../../domain/security-event.ts'

export type CredentialedDenial =
  | 'no_grant'
  | 'no_credential'
  /** A pipe, a list, a variable: something of a shell. */
  | 'not_plain'
  | 'wrapped'
  | 'wrapper_too_deep'
  | 'arguments'
  | 'hardening'

export interface CredentialedRefusal {
  readonly kind: 'credentialed_denied'
  readonly why: CredentialedDenial
  readonly binary: string
  /** Base names, outermost first; empty when there is none. */
  readonly wrapper: string
  /** Of `hardening`, a sentence. */
  readonly detail?: string
  readonly tenantId: TenantId
  readonly agentId: AgentId
  /** Whole: whoever keeps it scrubs first and cuts after. */
  readonly command: string
}

const PLAINLY =
  'call it plainly, as one command with its arguments: no shell, pipe, redirect, variable or wildcard'

export function describeCredentialedRefusal(refusal: CredentialedRefusal): string {
  const { binary, why, detail } = refusal
  const not = `${binary} was not run:`
  switch (why) {
    case 'no_grant':
      return `${not} it works with a credential, and this agent may not use it. Do not try to get around this.`
    case 'no_credential':
      return `${not} its credential is not set. Tell the user that an admin has to set it.`
    case 'not_plain':
      return `${not} ${PLAINLY}.`
    case 'wrapped':
      return `${not} it gets no credential behind another program; ${PLAINLY}.`
    case 'wrapper_too_deep':
      return `${not} it stands behind too many other programs. Do not try to get around this; ${PLAINLY}.`
    case 'arguments':
      return `${not} these arguments are not allowed for it.`
    case 'hardening':
      return `${not} ${detail ?? 'these arguments are not possible with a credential'}.`
  }
}

export function eventsOfCredentialedRefusal(
  refusal: CredentialedRefusal,
): readonly SecurityEvent[] {
  const { why, binary, wrapper, tenantId, agentId, command } = refusal
  const name =
    why === 'wrapper_too_deep'
      ? 'credentialed_binary_wrapper_too_deep'
      : 'credentialed_binary_denied'
  const fields = { binary, wrapper, reason: why, agent_id: agentId, tenant_id: tenantId, command }
  return [securityEvent(name, fields)]
}
