/** What of an issuer may be set, and how its row is answered: its secret goes in and never comes out. */
import { z } from 'zod'
import {
  ISSUER_ALGORITHMS,
  ISSUER_KINDS,
  type IssuerRecord,
  PROVISION_ROLES,
  roleMappingSchema,
} from '../domain/issuer.ts'

const MASKED = '***'

/** Compared with `iss` to the letter, so it is kept as it is written. */
const issuerSchema = z
  .string()
  .max(400)
  .refine((text) => {
    const url = URL.parse(text)
    const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
    return isWeb && url.search === '' && url.hash === '' && !/\s/.test(text)
  }, 'must be an http(s) address without query')

/** An origin and nothing behind it, as browsers write it. */
const originSchema = z
  .string()
  .max(400)
  .refine((text) => URL.parse(text)?.origin === text, 'must be an origin: https://auth.example')

export const fields = {
  name: z.string().min(1).max(100),
  issuer: issuerSchema,
  audience: z.string().trim().min(1).max(400),
  /** From the issuer's own document when it is left out. */
  jwks_url: z.url({ protocol: /^https?$/ }).max(1_000),
  algorithms: z.array(z.enum(ISSUER_ALGORITHMS)).min(1),
  provision_role: z.enum(PROVISION_ROLES).nullable(),
  role_mapping: roleMappingSchema.nullable(),
  /** Whether the tenant's owners come in through it as owners; else as admins. */
  proves_owners: z.boolean(),
  client_id: z.string().min(1).max(400).nullable(),
  client_secret: z.string().max(4_000),
  /** Where its people sign in, if that is not the issuer's own origin: `https://auth.example`. */
  sign_in_origin: originSchema.nullable(),
  allow_private_network: z.boolean(),
  enabled: z.boolean(),
}

export const issuerRow = z.object({
  id: z.string(),
  ...fields,
  kind: z.enum(ISSUER_KINDS),
  provision_role: z.string().nullable(),
  jwks_url: z.string(),
  issuer: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
})

export const rowOf = (record: IssuerRecord): z.infer<typeof issuerRow> => ({
  id: record.id,
  name: record.name,
  kind: record.kind,
  issuer: record.issuer,
  audience: record.audience,
  jwks_url: record.jwksUrl,
  algorithms: [...record.algorithms],
  provision_role: record.provisionRole,
  role_mapping: record.roleMapping,
  proves_owners: record.provesOwners,
  client_id: record.clientId,
  sign_in_origin: record.signInOrigin,
  client_secret: record.sealedClientSecret === null ? '' : MASKED,
  allow_private_network: record.allowPrivateNetwork,
  enabled: record.enabled,
  created_at: new Date(record.createdAt).toISOString(),
  updated_at: new Date(record.updatedAt).toISOString(),
})
