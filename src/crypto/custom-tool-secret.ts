/** Headers and variables of custom tools: sealed, each for its one place. */
import { z } from 'zod'
import type { TenantId } from '../domain/ids.ts'
import { type OpenOptions, open, type SealedPlace, seal } from './envelope.ts'
import type { KeyRing } from './keys.ts'

export type CustomToolSecretKind = 'sealed_headers' | 'sealed_env'
export type NamedValues = Readonly<Record<string, string>>

const valuesSchema = z.record(z.string(), z.string())

const place = (tenantId: TenantId, column: CustomToolSecretKind, row: string): SealedPlace => ({
  tenantId,
  table: 'custom_tools',
  column,
  row,
})

export const sealCustomToolSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  kind: CustomToolSecretKind,
  values: NamedValues,
): Promise<string> => seal(ring, place(tenantId, kind, id), JSON.stringify(values))

/** Null for what does not open, or is none of ours. */
export async function openCustomToolSecret(
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  kind: CustomToolSecretKind,
  sealed: string,
  options: OpenOptions = {},
): Promise<NamedValues | null> {
  const opened = await open(ring, place(tenantId, kind, id), sealed, options)
  if (!opened.ok) return null
  try {
    return valuesSchema.parse(JSON.parse(opened.value.text))
  } catch {
    return null
  }
}
