/** The services as a session's own sockets use them: the session is reached without a hop to itself. */
import type { Services } from '../../api/context.ts'
import type { SessionPort } from '../../domain/ports/session.ts'
import { parseSessionKey } from '../../domain/session-key.ts'
import type { MetaStore } from './meta-store.ts'

export function withoutHop(
  session: SessionPort,
  sessionKey: string,
  meta: MetaStore,
  services: Services,
): Services {
  const own = parseSessionKey(sessionKey)
  return {
    ...services,
    session: (tenantId, key) =>
      own.ok && key === own.value.text && tenantId === meta.read()?.tenantId
        ? session
        : services.session(tenantId, key),
  }
}
