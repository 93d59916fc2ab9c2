/** A party that vouches for people of one tenant, as its row stands, and what of it may be set. */
import { z } from 'zod'
import type { TenantId } from './ids.ts'
import { tenantIdSchema } from './ids.ts'
import { ROLES } from './principal.ts'

export const ISSUER_KINDS = ['oidc', 'cloudflare_access'] as const

/** Signatures by key pairs alone: with a shared secret every verifier could mint tokens. */
export const ISSUER_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
] as const

/** No claim makes an owner. */
export const MAPPED_ROLES = ['viewer', 'operator', 'admin'] as const
/** Whoever is let in at first sight is no admin either. */
export const PROVISION_ROLES = ['viewer', 'operator'] as const

/** A mapping is read at every sign-in and shown whole to admins. */
const MAX_MAPPED_VALUES = 100

export const roleMappingSchema = z.object({
  claim: z.string().min(1).max(200),
  values: z
    .record(z.string().min(1).max(200), z.enum(MAPPED_ROLES))
    .refine((values) => Object.keys(values).length <= MAX_MAPPED_VALUES, 'holds too many values'),
})
export type RoleMapping = z.infer<typeof roleMappingSchema>

/** As a column: `{}` where nothing is mapped. */
const storedMappingSchema = z.union([
  roleMappingSchema,
  z
    .object({})
    .strict()
    .transform((): null => null),
])

export const issuerRecordSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(ISSUER_KINDS),
  issuer: z.string(),
  audience: z.string(),
  jwksUrl: z.string(),
  algorithms: z.array(z.enum(ISSUER_ALGORITHMS)).min(1),
  /** Null admits members only. A row that says more than it may admits nobody new. */
  provisionRole: z
    .enum(ROLES)
    .nullable()
    .transform((role) => PROVISION_ROLES.find((allowed) => allowed === role) ?? null),
  roleMapping: storedMappingSchema,
  /** Whether a member who is an owner comes in through it as one; else as an admin. */
  provesOwners: z.boolean(),
  clientId: z.string().nullable(),
  /** Where its people sign in, if that is not the issuer's own origin. */
  signInOrigin: z.string().nullable(),
  sealedClientSecret: z.string().nullable(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
  createdAt: z.number(),
  /** Rises with every change: what was admitted under an earlier one has ended. */
  updatedAt: z.number(),
})
export type IssuerRecord = Readonly<z.infer<typeof issuerRecordSchema>>

/**
 * An issuer's id ends with its tenant's locator, so that a sign-in, which knows the id alone, finds
 * the tenant without a look-up. What stands before it has a fixed length, and cannot be guessed.
 */
const ISSUER_ID = /^iss_[a-z0-9]{20}([a-z0-9]{1,40})$/

/** Null for a text of another shape. The tenant is claimed; its row tells. */
export function tenantOfIssuerId(id: string): TenantId | null {
  const locator = ISSUER_ID.exec(id)?.[1]
  return locator === undefined ? null : tenantIdSchema.parse(`ten_${locator}`)
}
