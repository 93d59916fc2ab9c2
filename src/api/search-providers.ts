/** Search engines of the tenant. Their keys go in and never come out again. */
import { z } from 'zod'
import { sealSearchKey } from '../crypto/provider-key.ts'
import { newId } from '../crypto/random.ts'
import {
  createSearchProvider,
  deleteSearchProvider,
  updateSearchProvider,
} from '../db/search-providers.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { SEARCH_PROVIDER_TYPES, type SearchProvider } from '../domain/search-provider.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN } from './access.ts'
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

/** A search tries them one after the other: more than a few only make it slow. */
const MAX_PROVIDERS = 10

const searchProviderRow = z.object({ ...rowFields, provider_type: z.enum(SEARCH_PROVIDER_TYPES) })

const reference = z.string().max(100)

function namedProvider(
  { searchProviders }: TenantSnapshot,
  named: string,
): Result<SearchProvider, Refusal> {
  const found = byIdOrName(searchProviders, named)
  return found ? ok(found) : err(notFound('search provider'))
}

function checkRow(context: OperationContext, record: SearchProvider): Result<null, Refusal> {
  const allowed = checkPrivateNetwork(context, record)
  if (!allowed.ok) return allowed
  const checked = context.catalog.checkSearchProvider(record)
  return checked.ok ? checked : err(refusal('INVALID_REQUEST', checked.error))
}

export const searchProvidersList = operation({
  name: 'search.providers.list',
  summary: 'The search engines of the tenant, in the order in which they are asked',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ providers: z.array(searchProviderRow) }),
  http: { method: 'GET', path: '/v1/search/providers' },
  run: async ({ snapshot }) => ok({ providers: snapshot.searchProviders.map(rowOf) }),
})

export const searchProvidersCreate = operation({
  name: 'search.providers.create',
  summary: 'Adds a search engine; the first enabled one by name is asked first',
  access: ADMIN,
  params: z.object({ ...createFields, provider_type: z.enum(SEARCH_PROVIDER_TYPES) }),
  result: searchProviderRow,
  http: { method: 'POST', path: '/v1/search/providers', status: 201 },
  audit: (_, { id, provider_type }) => ({ provider: id, provider_type }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    if (snapshot.searchProviders.length >= MAX_PROVIDERS) {
      const most = `a tenant has at most ${MAX_PROVIDERS} search providers`
      return err(refusal('RESOURCE_EXHAUSTED', most))
    }
    const id = newId('sea')
    const record: SearchProvider = {
      id,
      ...madeOf(params),
      type: params.provider_type,
      sealedApiKey: params.api_key
        ? await sealSearchKey(services.keyRing, tenantId, id, params.api_key)
        : null,
    }
    const checked = checkRow(context, record)
    if (!checked.ok) return checked
    const created = await changeTenant(services, tenantId, () =>
      createSearchProvider(services.database(tenantId), tenantId, record, services.now()),
    )
    const taken = `there is a search provider ${JSON.stringify(params.name)} already`
    return created.ok ? ok(rowOf(created.value)) : err(refusal('ALREADY_EXISTS', taken))
  },
})

export const searchProvidersUpdate = operation({
  name: 'search.providers.update',
  summary: 'Changes a search engine; another address erases its stored key',
  access: ADMIN,
  params: z.object({ id: reference, ...updateFields }),
  result: searchProviderRow,
  http: { method: 'PUT', path: '/v1/search/providers/{id}' },
  audit: (params, { id }) => ({ provider: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedProvider(snapshot, params.id)
    if (!found.ok) return found
    const provider = found.value
    const changed = changedFields(provider, params)
    const checked = checkRow(context, { ...provider, ...changed })
    if (!checked.ok) return checked
    const sealedApiKey = await changedKey(params.api_key, (apiKey) =>
      sealSearchKey(services.keyRing, tenantId, provider.id, apiKey),
    )
    const updated = await changeTenant(services, tenantId, () =>
      updateSearchProvider(
        services.database(tenantId),
        tenantId,
        provider.id,
        { ...changed, ...(sealedApiKey === undefined ? {} : { sealedApiKey }) },
        services.now(),
      ),
    )
    return updated.ok ? ok(rowOf(updated.value)) : err(notFound('search provider'))
  },
})

export const searchProvidersDelete = operation({
  name: 'search.providers.delete',
  summary: 'Deletes a search engine with its key',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/search/providers/{id}' },
  audit: ({ id }) => ({ provider: id }),
  run: async ({ services, principal, snapshot }, params) => {
    const found = namedProvider(snapshot, params.id)
    if (!found.ok) return found
    const { tenantId } = principal
    const deleted = await changeTenant(services, tenantId, () =>
      deleteSearchProvider(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('search provider'))
  },
})
