/** API keys of model and search providers at rest: opened only for the call that needs them. */
import type { ProviderId, TenantId } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import {
  type EnvelopeFailure,
  type OpenedValue,
  type OpenOptions,
  open,
  type SealedPlace,
  seal,
} from './envelope.ts'
import type { KeyRing } from './keys.ts'

interface KeyColumn<Id extends string> {
  readonly place: (tenantId: TenantId, id: Id) => SealedPlace
  readonly seal: (ring: KeyRing, tenantId: TenantId, id: Id, apiKey: string) => Promise<string>
  readonly open: (
    ring: KeyRing,
    tenantId: TenantId,
    id: Id,
    sealedApiKey: string,
    options?: OpenOptions,
  ) => Promise<Result<OpenedValue, EnvelopeFailure>>
}

/** A key that is copied into the other table does not open there either. */
function keyColumn<Id extends string>(table: 'llm_providers' | 'search_providers'): KeyColumn<Id> {
  const place = (tenantId: TenantId, row: Id): SealedPlace => ({
    tenantId,
    table,
    column: 'sealed_api_key',
    row,
  })
  return {
    place,
    seal: (ring, tenantId, id, apiKey) => seal(ring, place(tenantId, id), apiKey),
    open: (ring, tenantId, id, sealedApiKey, options = {}) =>
      open(ring, place(tenantId, id), sealedApiKey, options),
  }
}

export const {
  place: providerKeyPlace,
  seal: sealProviderKey,
  open: openProviderKey,
} = keyColumn<ProviderId>('llm_providers')

export const {
  place: searchKeyPlace,
  seal: sealSearchKey,
  open: openSearchKey,
} = keyColumn<string>('search_providers')
