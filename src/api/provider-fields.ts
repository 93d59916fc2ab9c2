/** What the rows of model and search providers have in common: a name, an address, a key that only goes in. */
import { z } from 'zod'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

const MASKED = '***'

export const providerNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'must be letters, digits, _ . and -')
export const apiBaseSchema = z.string().max(2_000)
export const apiKeySchema = z.string().max(10_000)

/** The same mask for every key: not even its length is told. */
export const maskOf = (sealedApiKey: string | null): string => (sealedApiKey === null ? '' : MASKED)

/** What an update does to the stored key: `undefined` leaves it, as does the mask that was shown. */
export async function changedKey(
  given: string | undefined,
  seal: (apiKey: string) => Promise<string>,
): Promise<string | null | undefined> {
  if (given === undefined || given === MASKED) return undefined
  return given === '' ? null : seal(given)
}

/** A private or plain-http address is a setting of the platform: only its operator may allow it. */
export function checkPrivateNetwork(
  { principal }: OperationContext,
  { allowPrivateNetwork }: { readonly allowPrivateNetwork: boolean },
): Result<null, Refusal> {
  if (!allowPrivateNetwork || principal.isMasterScope) return ok(null)
  return err(
    refusal('UNAUTHORIZED', 'allow_private_network may only be set by an owner of the gateway'),
  )
}
