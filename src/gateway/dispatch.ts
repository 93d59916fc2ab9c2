/** One request to the registry, from whichever door: look up, limit, authorise, parse, run. */
import type { OperationContext, Services } from '../api/context.ts'
import { type AnyOperation, DEFERRED } from '../api/operation.ts'
import { findOperation } from '../api/registry.ts'
import type { ReplyTo } from '../domain/ports/session.ts'
import type { Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { logError } from '../telemetry/log.ts'
import { authorize } from '../transport/authorize.ts'
import { addressRunBucket, userRunBucket } from '../transport/rate-limit.ts'
import { eventOfRefusal, type TransportRefusal } from '../transport/refusal.ts'
import { withRecord } from './audit-change.ts'
import { securityReport } from './audit-facts.ts'
import { catalogOf } from './catalog.ts'
import { createChannelAdmin } from './channels/admin.ts'
import { createCustomToolAdmin } from './custom-tool-admin.ts'
import { createReporter } from './emit.ts'
import type { Settings } from './env.ts'
import { createHookAdmin } from './hooks/admin.ts'
import { createIssuerPort } from './identity/discovery.ts'
import { createImages } from './images.ts'
import { createRunners } from './look-at-runners.ts'
import { createMcpAdmin } from './mcp/admin.ts'
import type { OperationRate } from './operation-rate.ts'
import { createProviderTest } from './provider-test.ts'
import { INTERNAL, ofTransport } from './wire.ts'

export interface Caller {
  readonly principal: Principal
  readonly snapshot: TenantSnapshot
  readonly services: Services
  readonly settings: Settings
  readonly replyTo: ReplyTo
  /** The session that a frame without a key means: the one whose socket it came through. */
  readonly defaultSessionKey: string | null
  /** Scheme, host and port that the door was asked under. */
  readonly origin?: string | undefined
  /** W3C Trace Context, as the request or its socket's upgrade brought it. */
  readonly traceparent?: string | undefined
  /** Drawn on by everything that starts no run. */
  readonly operations: OperationRate
}

export { DEFERRED }

export async function dispatchByName(
  method: string,
  params: unknown,
  caller: Caller,
): Promise<Result<unknown, Refusal>> {
  const operation = findOperation(method)
  if (!operation)
    return err(
      refusal('INVALID_REQUEST', `there is no method ${JSON.stringify(method.slice(0, 100))}`),
    )
  return dispatch(operation, params, caller)
}

/** @returns the operation's answer, `DEFERRED`, or what to tell the caller */
export async function dispatch(
  operation: AnyOperation,
  params: unknown,
  caller: Caller,
): Promise<Result<unknown, Refusal>> {
  const context = contextOf(caller)
  const turnAway = (refused: TransportRefusal): Result<never, Refusal> => {
    const event = eventOfRefusal(refused, caller.principal.clientAddress)
    if (event) context.report(event)
    return err(ofTransport(refused).refusal)
  }
  try {
    // What only may start a run is asked about in any case: its dry run is an operation like others.
    if (operation.startsRun !== true) {
      const paced = await caller.operations.take()
      if (!paced.ok) return turnAway(paced.error)
    }
    const allowed = authorize(caller.principal, operation)
    if (!allowed.ok) return turnAway(allowed.error)
    const parsed = operation.params.safeParse(params)
    if (!parsed.success) return err(describeFaults(parsed.error))
    if (startsRun(operation, parsed.data)) {
      const taken = await takeRunTokens(caller)
      if (!taken.ok) return turnAway(taken.error)
    }
    return await withRecord(operation, parsed.data, caller, () =>
      operation.run(context, parsed.data),
    )
  } catch (error) {
    logError('operation.failed', error, {
      operation: operation.name,
      tenantId: caller.principal.tenantId,
    })
    return err(INTERNAL)
  }
}

const startsRun = ({ startsRun: starts }: AnyOperation, params: unknown): boolean =>
  typeof starts === 'function' ? starts(params) : starts === true

export function contextOf(caller: Caller): OperationContext {
  const { principal, snapshot, services, settings, replyTo, defaultSessionKey } = caller
  const { tenantId, userId } = principal
  const ownOrigin = settings.publicOrigin ?? caller.origin ?? ''
  const report = createReporter(services, { tenantId, userId })
  const ways = { settings, tenantId, services, snapshot, report }
  return {
    principal,
    snapshot,
    services,
    replyTo,
    defaultSessionKey,
    traceparent: caller.traceparent ?? null,
    catalog: catalogOf(settings),
    ownOrigin,
    images: createImages(settings, principal, services.now),
    issuers: createIssuerPort({ settings, tenantId: principal.tenantId, now: services.now }),
    acceptsPlaintext: settings.acceptPlaintext,
    mcp: createMcpAdmin({ settings, tenantId, services, snapshot, userId, ownOrigin }),
    runHooks: createHookAdmin(ways),
    channels: createChannelAdmin({ services, settings, tenantId, userId, snapshot, ownOrigin }),
    customTools: createCustomToolAdmin(ways),
    runners: createRunners(settings, tenantId, services.now),
    providerTest: createProviderTest({ services, settings, snapshot }),
    securityReport: (options) => securityReport({ principal, services, settings }, options),
    report,
  }
}

/** The user's bucket and the address's, side by side. Where addresses cannot be told apart, none. */
export async function takeRunTokens(
  caller: Pick<Caller, 'snapshot' | 'services' | 'settings'> & {
    readonly principal: Pick<Principal, 'tenantId' | 'userId' | 'clientAddress'>
  },
): Promise<Result<null, TransportRefusal>> {
  const { principal, snapshot, services, settings } = caller
  const { gateway } = snapshot.config
  const ofUser = userRunBucket(gateway, settings.rateCeilingRpm)
  const ofAddress = addressRunBucket(gateway, principal.clientAddress)
  const isAddressKnown = settings.platform === 'cloudflare'
  const verdicts = await Promise.all([
    ofUser.ratePerMinute > 0
      ? services.userLimiter(principal.tenantId, principal.userId).take([ofUser])
      : { isAllowed: true as const },
    isAddressKnown && ofAddress.ratePerMinute > 0
      ? services.addressLimiter(principal.clientAddress).take([ofAddress])
      : { isAllowed: true as const },
  ])
  for (const verdict of verdicts) {
    if (!verdict.isAllowed) {
      const { bucket, retryAfterMs } = verdict
      return err({ kind: 'rate_limited', bucket, retryAfterMs })
    }
  }
  return ok(null)
}

/** Names the first fault in the caller's own terms; zod's messages hold no values. */
function describeFaults(error: {
  issues: readonly { path: readonly PropertyKey[]; message: string }[]
}): Refusal {
  const faults = error.issues
    .slice(0, 3)
    .map(({ path, message }) =>
      path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message,
    )
  return refusal('INVALID_REQUEST', `the params are not valid: ${faults.join('; ')}`)
}
