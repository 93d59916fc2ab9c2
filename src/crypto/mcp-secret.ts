/** Keys, tokens and beginnings of authorisations of MCP servers: sealed, each for its one place. */
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

/** `pending` is no column: it waits in the tenant's object, and opens as none of the others. */
export type McpSecretKind = 'sealed_headers' | 'sealed_authorization' | 'pending'

const place = (tenantId: TenantId, column: McpSecretKind, row: string): SealedPlace => ({
  tenantId,
  table: 'mcp_servers',
  column,
  row,
})

export const sealMcpSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  kind: McpSecretKind,
  text: string,
): Promise<string> => seal(ring, place(tenantId, kind, id), text)

export const openMcpSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  kind: McpSecretKind,
  sealed: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> =>
  open(ring, place(tenantId, kind, id), sealed, options)
