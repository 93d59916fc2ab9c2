/** Upgrades: verified here, ended in an object. Nothing is created for a socket that is refused. */
import { sessionObjectName } from '../domain/object-name.ts'
import type { Principal } from '../domain/principal.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { ok, type Result } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { mayReach } from '../domain/tenant-snapshot.ts'
import { MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS } from '../transport/rate-limit.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { type AppContext, authenticateHttp, refusedResponse, turnAway } from './door.ts'
import { refusalResponse } from './http-response.ts'
import { type UpgradeFacts, withUpgradeFacts } from './internal-request.ts'

const NOT_AN_UPGRADE = refusal('INVALID_REQUEST', 'this path is for WebSocket clients')

/** The browser and its system stand in front. */
const MAX_USER_AGENT_CHARS = 200

/** Longer ones are none that is known. */
const MAX_TRACEPARENT_CHARS = 200

function factsOf(
  c: AppContext,
  parts: Pick<UpgradeFacts, 'principal' | 'sessionKey'>,
): UpgradeFacts {
  const { clientAddress, subprotocol, isOwnOrigin, isDevelopment } = c.get('door').admitted
  const { origin } = new URL(c.req.url)
  const userAgent = shownUserAgent(c.req.header('user-agent'))
  const traceparent = c.req.header('traceparent')?.slice(0, MAX_TRACEPARENT_CHARS)
  return {
    ...parts,
    clientAddress,
    subprotocol,
    isOwnOrigin,
    isDevelopment,
    origin,
    userAgent,
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

/** Any page names itself as it likes: what is shown of that can neither hide nor rearrange anything. */
const shownUserAgent = (header = ''): string =>
  header.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_USER_AGENT_CHARS)

/** `/ws`: the credential comes with the first frame, so the object is one that nobody can name. */
export async function controlSocket(c: AppContext): Promise<Response> {
  if (c.get('door').admitted.kind !== 'upgrade')
    return refusalResponse(NOT_AN_UPGRADE, 426, 'edgeclaw')
  const principal = await ticketHolder(c)
  if (!principal.ok) return turnAway(c, principal.error)
  const { CONNECTIONS } = c.env
  const id = CONNECTIONS.newUniqueId()
  if (!(await holdsSlot(c, id.toString()))) {
    return turnAway(c, { kind: 'too_many_sockets', max: MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS })
  }
  const stub = CONNECTIONS.get(id)
  const facts = factsOf(c, { principal: principal.value, sessionKey: null })
  return stub.fetch(withUpgradeFacts(c.req.raw, facts))
}

/** A ticket is used up here, where it came in: the frame that follows need not hold a credential. */
async function ticketHolder(c: AppContext): Promise<Result<Principal | null, TransportRefusal>> {
  if (c.get('door').admitted.credential.kind !== 'ticket') return ok(null)
  const authenticated = await authenticateHttp(c)
  return authenticated.ok ? ok(authenticated.value.principal) : authenticated
}

/** On the platform only: elsewhere addresses are not told apart, and one caller would starve all. */
async function holdsSlot(c: AppContext, socketId: string): Promise<boolean> {
  const { services, admitted, runtime } = c.get('door')
  if (runtime.settings.platform !== 'cloudflare') return true
  return services
    .addressLimiter(admitted.clientAddress)
    .holdSocket(admitted.clientAddress, socketId)
}

/** `/v1/sessions/{key}/ws`: authenticated at the upgrade, then straight into the session. */
export async function sessionSocket(c: AppContext): Promise<Response> {
  if (c.get('door').admitted.kind !== 'upgrade')
    return refusalResponse(NOT_AN_UPGRADE, 426, 'edgeclaw')
  const authenticated = await authenticateHttp(c)
  if (!authenticated.ok) return turnAway(c, authenticated.error)
  const key = parseSessionKey(c.req.param('sessionKey') ?? '')
  if (!key.ok) return refusalResponse(refusal('INVALID_REQUEST', key.error), 400, 'edgeclaw')
  const { principal, snapshot } = authenticated.value
  if (!mayReach(principal, snapshot, key.value.agentKey))
    return refusalResponse(notFound('agent'), 404, 'edgeclaw')
  const stub = c.env.SESSIONS.getByName(sessionObjectName(principal.tenantId, key.value.text))
  const answer = await stub.fetch(
    withUpgradeFacts(c.req.raw, factsOf(c, { principal, sessionKey: key.value.text })),
  )
  // The object has reported it; its own answer says nothing to a client.
  return answer.status === 101 ? answer : refusedResponse(c, { kind: 'not_session_owner' })
}
