/**
 * The emergency stop: set by an admin, released by an owner. What the platform's operator sets, for one
 * tenant or for all of them, that operator alone releases.
 */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { listTenants, MAX_TENANT_PAGE } from '../db/directory.ts'
import { createStop, listStops, removeStop } from '../db/emergency-stops.ts'
import {
  type EmergencyStop,
  MAX_STOPPED_TOOLS,
  STOP_KINDS,
  stopCovers,
} from '../domain/emergency-stop.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Principal } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN, OWNER } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'

/** Tenants that are stopped at once, of all: every one of them costs a few hops. */
const LANES = 8

/** Whoever is in a hurry stops first and explains later. */
const NO_REASON = 'none was given'

/** Every snapshot carries them; counted by kind, so that none of another keeps a kill-all out. */
const MAX_ALIKE = 20

const stopRow = z.object({
  id: z.string(),
  kind: z.enum(STOP_KINDS),
  tools: z.array(z.string()),
  reason: z.string(),
  is_platform: z.boolean(),
  created_by: z.string(),
  created_at: z.string(),
})

const toRow = (stop: EmergencyStop): z.infer<typeof stopRow> => ({
  id: stop.id,
  kind: stop.kind,
  tools: [...stop.tools],
  reason: stop.reason,
  is_platform: stop.isPlatform,
  created_by: stop.createdBy,
  created_at: new Date(stop.createdAt).toISOString(),
})

const whose = {
  tenant_id: z.string().max(100).nullish(),
  /** Every tenant of the gateway; for the platform's operator alone. */
  all: z.boolean().nullish(),
}

interface Whose {
  readonly tenant_id?: string | null | undefined
  readonly all?: boolean | null | undefined
}

/** The tenants that are meant: one, or all of them for whoever runs the gateway. */
async function meantTenants(
  context: OperationContext,
  { tenant_id, all }: Whose,
): Promise<Result<readonly TenantId[], Refusal>> {
  if (all !== true) {
    const one = await reachableTenant(context, tenant_id)
    return one.ok ? ok([one.value]) : one
  }
  if (!context.principal.isMasterScope) {
    return err(refusal('UNAUTHORIZED', 'only the operator of the gateway acts on all tenants'))
  }
  return ok(await everyTenant(context))
}

async function everyTenant({ services }: OperationContext): Promise<readonly TenantId[]> {
  const ids: TenantId[] = []
  for (let afterSlug: string | undefined = ''; afterSlug !== undefined; ) {
    const page = await listTenants(services.directory(), { limit: MAX_TENANT_PAGE, afterSlug })
    ids.push(...page.map(({ id }) => id))
    afterSlug = page.length < MAX_TENANT_PAGE ? undefined : page.at(-1)?.slug
  }
  return ids
}

async function inLanes(
  tenants: readonly TenantId[],
  act: (tenantId: TenantId) => Promise<void>,
): Promise<void> {
  const left = [...tenants]
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** A stop that names nothing would stop nothing, and calm whoever set it. */
function checkTools(
  { catalog }: OperationContext,
  kind: EmergencyStop['kind'],
  tools: readonly string[],
): Result<null, Refusal> {
  if (kind !== 'tools') {
    if (tools.length === 0) return ok(null)
    return err(refusal('INVALID_REQUEST', `tools are for the kind \`tools\`, not for ${kind}`))
  }
  if (tools.length === 0) return err(refusal('INVALID_REQUEST', 'name the tools that are to stop'))
  const unknown = tools.find((entry) => !catalog.tools.some((tool) => stopCovers(entry, tool)))
  if (unknown === undefined) return ok(null)
  return err(
    refusal(
      'INVALID_REQUEST',
      `there is no tool or group ${JSON.stringify(unknown)}: see tools.list`,
    ),
  )
}

/** What runs is cancelled where it stands; whatever that misses ends before its next step. */
async function cancelRuns({ services, principal }: OperationContext, tenantId: TenantId) {
  const acting: Principal = { ...principal, tenantId }
  const runs = await services.tenant(tenantId).runningRuns()
  await Promise.allSettled(
    runs.map(({ sessionKey, runId }) =>
      services.session(tenantId, sessionKey).abort(acting, runId),
    ),
  )
}

export const estopSet = operation({
  name: 'estop.set',
  summary: 'Stops all runs, what tools send out, or named tools, at once and until it is released',
  access: ADMIN,
  params: z.object({
    kind: z.enum(STOP_KINDS),
    tools: z.array(z.string().min(1).max(200)).max(MAX_STOPPED_TOOLS).default([]),
    /** Shown to everybody who is refused: nothing secret belongs here. */
    reason: z.string().trim().min(1).max(500).default(NO_REASON),
    ...whose,
  }),
  result: z.object({ ok: z.literal(true), id: z.string(), tenants: z.number() }),
  http: { method: 'POST', path: '/v1/emergency-stops', status: 201 },
  audit: ({ kind, tools }, { id, tenants }) => ({
    id,
    kind,
    tools: tools.join(' '),
    tenants: String(tenants),
  }),
  run: async (context, params) => {
    const checked = checkTools(context, params.kind, params.tools)
    if (!checked.ok) return checked
    const tenants = await meantTenants(context, params)
    if (!tenants.ok) return tenants
    const { services, principal, snapshot } = context
    const alike = snapshot.stops.filter(({ kind }) => kind === params.kind)
    if (!principal.isMasterScope && alike.length >= MAX_ALIKE) {
      return err(refusal('RESOURCE_EXHAUSTED', `${MAX_ALIKE} stops of this kind are in force`))
    }
    const isPlatform = principal.isMasterScope && (params.all === true || !!params.tenant_id)
    const stop: EmergencyStop = {
      id: newId('stp'),
      kind: params.kind,
      tools: params.tools,
      reason: params.reason,
      isPlatform,
      createdBy: principal.userId,
      createdAt: services.now(),
    }
    await inLanes(tenants.value, async (tenantId) => {
      await changeTenant(services, tenantId, () =>
        createStop(services.database(tenantId), tenantId, stop),
      )
      if (params.all === true) await tell(context, tenantId, 'estop.set', stop.id, stop.kind)
      if (stop.kind === 'kill-all') services.inBackground(cancelRuns(context, tenantId))
    })
    return ok({ ok: true as const, id: stop.id, tenants: tenants.value.length })
  },
})

/** A stop for all tenants stands in the trail of each of them as well as in the platform's. */
const tell = (
  { services, principal }: OperationContext,
  tenantId: TenantId,
  name: string,
  id: string,
  kind: string,
): Promise<void> =>
  services.tenant(tenantId).appendAudit([
    {
      kind: 'change',
      name,
      actor: { userId: principal.userId, credential: principal.credential.kind },
      fields: { id, kind, platform: true },
    },
  ])

export const estopList = operation({
  name: 'estop.list',
  summary: 'The emergency stops in force',
  access: ADMIN,
  params: z.object({ tenant_id: whose.tenant_id }),
  result: z.object({ stops: z.array(stopRow) }),
  http: { method: 'GET', path: '/v1/emergency-stops' },
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const stops = await listStops(context.services.database(tenantId.value), tenantId.value)
    return ok({ stops: stops.map(toRow) })
  },
})

export const estopRelease = operation({
  name: 'estop.release',
  summary: 'Releases an emergency stop; one of the platform is released by the platform',
  access: OWNER,
  params: z.object({ id: z.string().max(100), ...whose }),
  result: z.object({ ok: z.literal(true), id: z.string(), tenants: z.number() }),
  http: { method: 'DELETE', path: '/v1/emergency-stops/{id}' },
  audit: ({ id }, { tenants }) => ({ id, tenants: String(tenants) }),
  run: async (context, params) => {
    const tenants = await meantTenants(context, params)
    if (!tenants.ok) return tenants
    const { services, principal } = context
    let released = 0
    await inLanes(tenants.value, async (tenantId) => {
      const db = services.database(tenantId)
      const removed = await changeTenant(services, tenantId, () =>
        removeStop(db, tenantId, params.id, principal.isMasterScope),
      )
      if (!removed) return
      released++
      if (params.all === true) await tell(context, tenantId, 'estop.release', params.id, '')
    })
    if (released > 0) return ok({ ok: true as const, id: params.id, tenants: released })
    const isThere = context.snapshot.stops.some(({ id }) => id === params.id)
    return err(
      isThere
        ? refusal(
            'UNAUTHORIZED',
            'the operator of the gateway set this stop, and alone releases it',
          )
        : notFound('emergency stop'),
    )
  },
})
