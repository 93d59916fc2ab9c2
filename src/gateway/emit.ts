/**
 * Carries what the gates report to where it is kept: one structured line in the log at once, and
 * the tenant's stream of security events in the background. Gates only hand evidence back.
 */
import type { Services } from '../api/context.ts'
import type { TenantId } from '../domain/ids.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import { EventThrottle } from '../telemetry/event-throttle.ts'
import { logSecurityEvent } from '../telemetry/log.ts'

/** Whose event it is: ids only. */
export interface Origin {
  readonly tenantId: TenantId
  readonly userId?: string
  readonly sessionKey?: string
  readonly runId?: string
  readonly agentKey?: string
}

export type Report = (event: SecurityEvent) => void

export function createReporter(services: Services, origin: Origin): Report {
  const { tenantId, userId, sessionKey, runId, agentKey } = origin
  const context = Object.fromEntries(
    Object.entries({ tenantId, userId, sessionKey, runId, agentKey }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
  // As the lines of runs have it.
  const { sessionKey: session, ...ids } = context
  const logged = session === undefined ? ids : { ...ids, session }
  return (event) => {
    logSecurityEvent(event, logged)
    services.inBackground(services.tenant(origin.tenantId).record([event], context))
  }
}

/** Of one kind and minute, from all addresses together: a log is a cost, too. */
const KEPT_OF_A_KIND = 100

/**
 * Before authentication there is no tenant to write to, and nobody may mint state: the log only.
 * Equal events of one address are counted per minute, then those of one name; the count goes with
 * the next line, and with that of any address once there are too many to remember each. A flood that
 * nothing follows keeps its last count to itself: there is no timer outside of a request. Each isolate counts for itself, as each writes its own log.
 */
export function createAnonymousReporter(now: () => number): Report {
  const ofAddress = new EventThrottle()
  const ofName = new EventThrottle(KEPT_OF_A_KIND)
  return (event) => {
    const { name, fields } = event
    const kind = `${name} ${fields['client_address'] ?? ''}`
    const own = ofAddress.take(kind, now())
    if (!own.isKept) return
    const all = ofName.take(name, now())
    if (!all.isKept) return ofAddress.untell(kind, own.repeated)
    const others = all.repeated + ofAddress.drainUntracked()
    const counts = {
      ...(own.repeated > 0 ? { repeated: own.repeated } : {}),
      ...(others > 0 ? { others } : {}),
    }
    logSecurityEvent({ ...event, fields: { ...fields, ...counts } }, {})
  }
}

export const reportAnonymously: Report = createAnonymousReporter(() => Date.now())
