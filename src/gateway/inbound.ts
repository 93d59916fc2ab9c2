/**
 * Judges a message before anything of it is stored: whose session, which agent, what was said. What
 * becomes of one that is admitted is the session's.
 */
import type { Services } from '../api/context.ts'
import { canonicalHash } from '../crypto/canonical-json.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { SendRequest } from '../domain/ports/session.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { isCreatableByCaller, parseSessionKey, type SessionKey } from '../domain/session-key.ts'
import { findAgent } from '../domain/tenant-snapshot.ts'
import { inspect } from '../input/inspect.ts'
import { eventOfRefusal } from '../transport/refusal.ts'
import { checkSessionAccess, type OwnedSession } from '../transport/session-access.ts'
import { createReporter } from './emit.ts'
import { snapshotOfEpoch } from './freshness.ts'
import { ofInput, ofTransport } from './wire.ts'

export interface AdmittedMessage {
  readonly key: SessionKey
  readonly isNew: boolean
  readonly agent: AgentRecord
  /** Inspected, and with what the model is to be told of that. */
  readonly content: string
  /** Of a message that may be repeated; empty without an idempotency key. */
  readonly bodyHash: string
  /** Of the tenant, as the agent was read. */
  readonly authVersion: number
}

/** @param owned null for a session that does not exist yet */
export async function admitMessage(
  request: SendRequest,
  owned: OwnedSession | null,
  services: Services,
): Promise<Result<AdmittedMessage, Refusal>> {
  const { principal } = request
  const key = parseSessionKey(request.sessionKey)
  if (!key.ok) return err(refusal('INVALID_REQUEST', key.error))
  const report = createReporter(services, {
    tenantId: principal.tenantId,
    userId: principal.userId,
    sessionKey: key.value.text,
  })
  if (owned) {
    const allowed = checkSessionAccess(principal, owned)
    if (!allowed.ok) {
      const event = eventOfRefusal(allowed.error, principal.clientAddress)
      if (event) report(event)
      return err(ofTransport(allowed.error).refusal)
    }
  } else if (!isCreatableByCaller(key.value, isTenantAdmin(principal))) {
    return err(
      refusal(
        'UNAUTHORIZED',
        'a caller may only open sessions of the form agent:{key}:ws:direct:{conversation}',
      ),
    )
  }
  const snapshot = await snapshotOfEpoch(services, principal.tenantId, request.epoch)
  const agent = snapshot && findAgent(snapshot, key.value.agentKey)
  if (!snapshot || agent?.status !== 'active') return err(notFound('agent'))
  const { injection_action: action, max_message_chars: maxChars } = snapshot.config.gateway
  const inspected = inspect(request.message, { action, maxChars, source: 'message' })
  if (!inspected.ok) {
    for (const event of inspected.error.events) report(event)
    return err(ofInput(inspected.error))
  }
  for (const event of inspected.value.events) report(event)
  const { text, notice } = inspected.value
  return ok({
    key: key.value,
    isNew: owned === null,
    agent,
    content: notice === null ? text : `[${notice}]\n\n${text}`,
    bodyHash:
      request.idempotencyKey === undefined
        ? ''
        : await canonicalHash([key.value.text, request.message]),
    authVersion: snapshot.authVersion,
  })
}
