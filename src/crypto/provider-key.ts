/** The API key of a model provider at rest: opened only for the call that needs it. */
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

export const providerKeyPlace = (tenantId: TenantId, providerId: ProviderId): SealedPlace => ({
  tenantId,
  table: 'llm_providers',
  column: 'sealed_api_key',
  row: providerId,
})

export const sealProviderKey = (
  ring: KeyRing,
  tenantId: TenantId,
  providerId: ProviderId,
  apiKey: string,
): Promise<string> => seal(ring, providerKeyPlace(tenantId, providerId), apiKey)

export const openProviderKey = (
  ring: KeyRing,
  tenantId: TenantId,
  providerId: ProviderId,
  sealedApiKey: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> =>
  open(ring, providerKeyPlace(tenantId, providerId), sealedApiKey, options)
