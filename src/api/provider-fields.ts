/** What the rows of model and search providers have in common: a name, an address, a key that only goes in. */
import { z } from 'zod'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

const MASKED = '***'

const apiBaseSchema = z.string().max(2_000)
/** A header carries it: what was copied with an ellipsis or a line's end would only fail there, in other words. */
const apiKeySchema = z
  .string()
  .max(10_000)
  .regex(/^[\x20-\x7e]*$/, 'must be ASCII in one line: it is the key as the vendor shows it')

/** Of a row as it is answered; its `provider_type` is each kind's own. */
export const rowFields = {
  id: z.string(),
  name: z.string(),
  api_base: z.string().nullable(),
  enabled: z.boolean(),
  allow_private_network: z.boolean(),
  api_key: z.string(),
}

/** What a row is made with. */
export const createFields = {
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'must be letters, digits, _ . and -'),
  api_base: apiBaseSchema.nullish(),
  api_key: apiKeySchema.nullish(),
  enabled: z.boolean().default(true),
  allow_private_network: z.boolean().default(false),
}

/** What of it may be changed. */
export const updateFields = {
  api_base: apiBaseSchema.nullish(),
  api_key: apiKeySchema.optional(),
  enabled: z.boolean().optional(),
  allow_private_network: z.boolean().optional(),
}

interface StoredProvider<Type extends string> {
  readonly id: string
  readonly name: string
  readonly type: Type
  readonly apiBase: string | null
  readonly sealedApiKey: string | null
  readonly allowPrivateNetwork: boolean
  readonly enabled: boolean
}

/** The same mask for every key: not even its length is told. */
export const rowOf = <Type extends string>(provider: StoredProvider<Type>) => ({
  id: provider.id,
  name: provider.name,
  provider_type: provider.type,
  api_base: provider.apiBase,
  enabled: provider.enabled,
  allow_private_network: provider.allowPrivateNetwork,
  api_key: provider.sealedApiKey === null ? '' : MASKED,
})

interface Given {
  readonly name: string
  readonly api_base?: string | null | undefined
  readonly enabled: boolean
  readonly allow_private_network: boolean
}

/** Of a new row all but its id, type and key. */
export const madeOf = (given: Given) => ({
  name: given.name,
  apiBase: given.api_base || null,
  enabled: given.enabled,
  allowPrivateNetwork: given.allow_private_network,
})

/**
 * What a row has after an update, named or not, beside its key. Judged and written as a whole: a row
 * that was changed meanwhile would else be given what was meant for another address.
 */
export const changedFields = (
  row: Pick<StoredProvider<string>, 'apiBase' | 'enabled' | 'allowPrivateNetwork'>,
  given: Partial<{ readonly [Name in keyof Given]: Given[Name] | undefined }>,
) => ({
  apiBase: given.api_base === undefined ? row.apiBase : given.api_base || null,
  enabled: given.enabled ?? row.enabled,
  allowPrivateNetwork: given.allow_private_network ?? row.allowPrivateNetwork,
})

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
