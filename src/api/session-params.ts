/** How requests name a session: `sessionKey`, or `key` as older clients do. */
import { z } from 'zod'
import type { SessionPort } from '../domain/ports/session.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey, type SessionKey } from '../domain/session-key.ts'
import { mayReach } from '../domain/tenant-snapshot.ts'
import type { OperationContext } from './context.ts'

export const sessionParams = {
  sessionKey: z.string().max(1_000).optional(),
  key: z.string().max(1_000).optional(),
}

interface Named {
  readonly sessionKey?: string | undefined
  readonly key?: string | undefined
}

/** The session a request means: the one it names, else the one whose socket it came through. */
function namedSession(context: OperationContext, named: Named): Result<SessionKey, Refusal> {
  const text = named.sessionKey ?? named.key ?? context.defaultSessionKey
  if (text === null || text === undefined)
    return err(refusal('INVALID_REQUEST', 'sessionKey is missing'))
  const key = parseSessionKey(text)
  return key.ok ? key : err(refusal('INVALID_REQUEST', key.error))
}

/** The tenant comes from the principal: a key of another tenant leads to an absent session here. */
export function openSession(
  context: OperationContext,
  named: Named,
): Result<{ key: SessionKey; session: SessionPort }, Refusal> {
  const key = namedSession(context, named)
  if (!key.ok) return key
  const { principal, snapshot } = context
  if (!mayReach(principal, snapshot, key.value.agentKey)) return err(notFound('session'))
  return ok({
    key: key.value,
    session: context.services.session(context.principal.tenantId, key.value.text),
  })
}
