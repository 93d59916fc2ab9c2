/** Signing secrets of run hooks: sealed, each for its one row. */
import type { TenantId } from '../domain/ids.ts'
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

const place = (tenantId: TenantId, row: string): SealedPlace => ({
  tenantId,
  table: 'run_hooks',
  column: 'sealed_secret',
  row,
})

export const sealRunHookSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  secret: string,
): Promise<string> => seal(ring, place(tenantId, id), secret)

export const openRunHookSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  sealed: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> => open(ring, place(tenantId, id), sealed, options)
