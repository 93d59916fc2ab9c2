/**
 * By what a start knows its key: a known text, sealed under every key that is in use. One that does
 * not open tells that the key is another, before anything else is found unreadable.
 */
import type { TenantId } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import { type EnvelopeFailure, type OpenedValue, open, type SealedPlace, seal } from './envelope.ts'
import type { KeyRing } from './keys.ts'

const KEY_CHECK_TEXT = 'edgeclaw/key-check/1'

/** No table of the database: nothing that is stored there opens as one, nor the reverse. */
const keyCheckPlace = (tenantId: TenantId): SealedPlace => ({
  tenantId,
  table: 'platform',
  column: 'key_check',
  row: '1',
})

export const sealKeyCheck = (ring: KeyRing, tenantId: TenantId): Promise<string> =>
  seal(ring, keyCheckPlace(tenantId), KEY_CHECK_TEXT)

export const openKeyCheck = (
  ring: KeyRing,
  tenantId: TenantId,
  sealed: string,
): Promise<Result<OpenedValue, EnvelopeFailure>> => open(ring, keyCheckPlace(tenantId), sealed)
