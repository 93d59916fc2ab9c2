/** Client secrets of issuers, and the state of a sign-in on its way: sealed, and bound to the issuer. */
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

export const clientSecretPlace = (tenantId: TenantId, row: string): SealedPlace => ({
  tenantId,
  table: 'jwt_issuers',
  column: 'sealed_client_secret',
  row,
})

export const sealClientSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  secret: string,
): Promise<string> => seal(ring, clientSecretPlace(tenantId, id), secret)

export const openClientSecret = (
  ring: KeyRing,
  tenantId: TenantId,
  id: string,
  sealed: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> =>
  open(ring, clientSecretPlace(tenantId, id), sealed, options)

/** Not a column: the browser keeps it. No stored value opens as one, nor one as a stored value. */
const loginStatePlace = (tenantId: TenantId, issuerId: string): SealedPlace => ({
  tenantId,
  table: 'login cookie',
  column: 'state',
  row: issuerId,
})

export const sealLoginState = (
  ring: KeyRing,
  tenantId: TenantId,
  issuerId: string,
  state: string,
): Promise<string> => seal(ring, loginStatePlace(tenantId, issuerId), state)

export const openLoginState = (
  ring: KeyRing,
  tenantId: TenantId,
  issuerId: string,
  sealed: string,
): Promise<Result<OpenedValue, EnvelopeFailure>> =>
  open(ring, loginStatePlace(tenantId, issuerId), sealed)
