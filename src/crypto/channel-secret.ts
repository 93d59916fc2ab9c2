/** The credentials of a channel instance: sealed for their one row. */
import type { TenantId } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import { type EnvelopeFailure, type OpenedValue, open, type SealedPlace, seal } from './envelope.ts'
import type { KeyRing } from './keys.ts'

const place = (tenantId: TenantId, row: string): SealedPlace => ({
  tenantId,
  table: 'channel_instances',
  column: 'sealed_credentials',
  row,
})

export const sealChannelCredentials = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  credentials: Readonly<Record<string, string>>,
): Promise<string> => seal(ring, place(tenantId, id), JSON.stringify(credentials))

export const openChannelCredentials = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  sealed: string,
): Promise<Result<OpenedValue, EnvelopeFailure>> => open(ring, place(tenantId, id), sealed)
