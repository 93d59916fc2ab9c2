/** Model providers of the tenant. Their keys go in and never come out again. */
import { z } from 'zod'
import { sealProviderKey } from '../crypto/provider-key.ts'
import { newId } from '../crypto/random.ts'
import { createProvider, deleteProvider, updateProvider } from '../db/llm-providers.ts'
import { type AgentRecord, PROVIDER_TYPES, type ProviderRecord } from '../domain/agent-record.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import { modelFallbacks } from '../domain/config/effective.ts'
import { providerIdSchema } from '../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN, VIEWER } from './access.ts'
import { namesOf } from './audit-names.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import {
  changedFields,
  changedKey,
  checkPrivateNetwork,
  createFields,
  madeOf,
  rowFields,
  rowOf,
  updateFields,
} from './provider-fields.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** The snapshot of a tenant is held whole by isolates that it shares with others. */
const MAX_PROVIDERS = 100

const providerRow = z.object({ ...rowFields, provider_type: z.enum(PROVIDER_TYPES) })

export const providersList = operation({
  name: 'providers.list',
  summary: 'The model providers of the tenant',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ providers: z.array(providerRow) }),
  http: { method: 'GET', path: '/v1/providers' },
  run: async ({ snapshot }) => ok({ providers: snapshot.providers.map(rowOf) }),
})

export const providerReference = {
  id: z.string().max(100).optional(),
  providerId: z.string().max(100).optional(),
}

export function namedProvider(
  snapshot: TenantSnapshot,
  named: { id?: string | undefined; providerId?: string | undefined },
): Result<ProviderRecord, Refusal> {
  const found = byIdOrName(snapshot.providers, named.id ?? named.providerId)
  return found ? ok(found) : err(notFound('provider'))
}

function checkRow(context: OperationContext, record: ProviderRecord): Result<null, Refusal> {
  const allowed = checkPrivateNetwork(context, record)
  if (!allowed.ok) return allowed
  const checked = context.catalog.checkProvider({ ...record, enabled: true })
  return checked.ok ? checked : err(refusal('INVALID_REQUEST', checked.error))
}

export const providersCreate = operation({
  name: 'providers.create',
  summary: 'Adds a model provider',
  access: ADMIN,
  params: z.object({ ...createFields, provider_type: z.enum(PROVIDER_TYPES) }),
  result: providerRow,
  http: { method: 'POST', path: '/v1/providers', status: 201 },
  audit: (_, { id, provider_type }) => ({ provider: id, provider_type }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    if (snapshot.providers.length >= MAX_PROVIDERS) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_PROVIDERS} providers`))
    }
    const id = providerIdSchema.parse(newId('prv'))
    const record: ProviderRecord = {
      id,
      ...madeOf(params),
      type: params.provider_type,
      sealedApiKey: params.api_key
        ? await sealProviderKey(services.keyRing, tenantId, id, params.api_key)
        : null,
    }
    const checked = checkRow(context, record)
    if (!checked.ok) return checked
    const created = await changeTenant(services, tenantId, () =>
      createProvider(services.database(tenantId), tenantId, record, services.now()),
    )
    return created.ok
      ? ok(rowOf(created.value))
      : err(refusal('ALREADY_EXISTS', `there is a provider ${JSON.stringify(params.name)} already`))
  },
})

export const providersUpdate = operation({
  name: 'providers.update',
  summary: 'Changes a provider; another address erases its stored key',
  access: ADMIN,
  params: z.object({ ...providerReference, ...updateFields }),
  result: providerRow,
  http: { method: 'PUT', path: '/v1/providers/{id}' },
  audit: (params, { id }) => ({ provider: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedProvider(snapshot, params)
    if (!found.ok) return found
    const provider = found.value
    const changed = changedFields(provider, params)
    const checked = checkRow(context, { ...provider, ...changed })
    if (!checked.ok) return checked
    const sealedApiKey = await changedKey(params.api_key, (apiKey) =>
      sealProviderKey(services.keyRing, tenantId, provider.id, apiKey),
    )
    const updated = await changeTenant(services, tenantId, () =>
      updateProvider(
        services.database(tenantId),
        tenantId,
        provider.id,
        { ...changed, ...(sealedApiKey === undefined ? {} : { sealedApiKey }) },
        services.now(),
      ),
    )
    return updated.ok ? ok(rowOf(updated.value)) : err(notFound('provider'))
  },
})

const providersOf = ({ provider, settings }: AgentRecord): readonly string[] => [
  provider,
  ...modelFallbacks(settings).map((model) => model.provider),
]

export const providersDelete = operation({
  name: 'providers.delete',
  summary: 'Deletes a provider with its key',
  access: ADMIN,
  params: z.object(providerReference),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/providers/{id}' },
  audit: (params) => ({ provider: params.id ?? params.providerId ?? '' }),
  run: async ({ services, principal, snapshot }, params) => {
    const found = namedProvider(snapshot, params)
    if (!found.ok) return found
    const { tenantId } = principal
    if (snapshot.agents.some((agent) => providersOf(agent).includes(found.value.name))) {
      return err(
        refusal(
          'FAILED_PRECONDITION',
          'an agent still uses this provider; give it another one first',
        ),
      )
    }
    const deleted = await changeTenant(services, tenantId, () =>
      deleteProvider(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('provider'))
  },
})

export const modelsList = operation({
  name: 'models.list',
  summary:
    'Models that the tenant can use: those its agents name, and those its providers are known for',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ models: z.array(z.object({ id: z.string(), provider: z.string() })) }),
  run: async ({ snapshot, catalog }) => {
    const known = snapshot.providers
      .filter(({ enabled }) => enabled)
      .flatMap(({ name, type }) => catalog.modelsOf(type).map((id) => ({ id, provider: name })))
    const used = snapshot.agents.flatMap(({ model, provider, settings }) => [
      { id: model, provider },
      ...modelFallbacks(settings).map(({ name, provider: other }) => ({
        id: name,
        provider: other,
      })),
    ])
    const models = new Map(
      [...known, ...used].map((model) => [`${model.provider}/${model.id}`, model]),
    )
    return ok({ models: [...models.values()] })
  },
})
