/** Headers that open a tenant's trace receiver: sealed, for their one place. */
import type { TenantId } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import { TRACE_EXPORTER_ID } from '../domain/trace.ts'
import {
  type EnvelopeFailure,
  type OpenedValue,
  type OpenOptions,
  open,
  type SealedPlace,
  seal,
} from './envelope.ts'
import type { KeyRing } from './keys.ts'

const place = (tenantId: TenantId): SealedPlace => ({
  tenantId,
  table: 'trace_exporters',
  column: 'sealed_headers',
  row: TRACE_EXPORTER_ID,
})

export const sealTraceHeaders = (
  ring: KeyRing,
  tenantId: TenantId,
  text: string,
): Promise<string> => seal(ring, place(tenantId), text)

export const openTraceHeaders = (
  ring: KeyRing,
  tenantId: TenantId,
  sealed: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> => open(ring, place(tenantId), sealed, options)
