/** Whose session it is, asked at the session's own door; a refusal is reported where it was tried. */
import type { Services } from '../../api/context.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { err, type Result } from '../../domain/result.ts'
import { createReporter } from '../../gateway/emit.ts'
import { ofTransport } from '../../gateway/wire.ts'
import { eventOfRefusal } from '../../transport/refusal.ts'
import { checkSessionAccess } from '../../transport/session-access.ts'
import type { SessionMeta } from './meta-store.ts'

export function checkAccess(
  principal: Principal,
  { tenantId, owner, sessionKey }: SessionMeta,
  services: Services,
): Result<null, Refusal> {
  const allowed = checkSessionAccess(principal, { tenantId, ownerId: owner })
  if (allowed.ok) return allowed
  const event = eventOfRefusal(allowed.error, principal.clientAddress)
  const origin = { tenantId: principal.tenantId, userId: principal.userId, sessionKey }
  if (event) createReporter(services, origin)(event)
  return err(ofTransport(allowed.error).refusal)
}
