/**
 * What an issuer's claims come to: who it is, until when, and as what. Pure: signature, issuer,
 * audience and expiry were verified by whoever calls. No claim makes an owner, and a claim counts
 * only by the mapping that the tenant wrote down.
 */
import { parseBase64Url, parseUtf8 } from '../crypto/encoding.ts'
import { type UserId, userIdSchema } from '../domain/ids.ts'
import { type IssuerRecord, MAPPED_ROLES, type RoleMapping } from '../domain/issuer.ts'
import { isJsonObject } from '../domain/json-object.ts'
import { lowerRole, type Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'

export type Claims = Readonly<Record<string, unknown>>

/** RFC 9068, OpenID Connect and what most issuers write; a logout or proof token is none of them. */
export const ACCEPTED_TYPES: readonly string[] = ['jwt', 'at+jwt']
/** Whatever a token says of itself, it is good for no longer than this after it was issued. */
export const MAX_TOKEN_LIFETIME_S = 24 * 3_600
/** Longer than any that is configured; further audiences are not looked at. */
const MAX_ISSUER_CHARS = 500
const MAX_AUDIENCES = 10
/** Groups of one person; more are not looked through. */
const MAX_CLAIM_VALUES = 500
const MAX_USER_ID_CHARS = 255
const MAX_EMAIL_CHARS = 254

/** What leads to the row that the token is then judged by. Nothing of it is proven. */
export interface ClaimedIssuer {
  readonly issuer: string
  /** In the token's order: of a tenant's, the first that it registered is the one. */
  readonly audiences: readonly string[]
}

/** @param token of a size that was checked before; null when it names no issuer and audience */
export function peekIssuer(token: string): ClaimedIssuer | null {
  const bytes = parseBase64Url(token.split('.', 2)[1] ?? '')
  const text = bytes === null ? null : parseUtf8(bytes)
  const claims = text === null ? null : parseObject(text)
  if (claims === null) return null
  const { iss: issuer, aud } = claims
  if (typeof issuer !== 'string' || issuer === '' || issuer.length > MAX_ISSUER_CHARS) return null
  const audiences = (Array.isArray(aud) ? aud : [aud])
    .slice(0, MAX_AUDIENCES)
    .filter(
      (audience): audience is string =>
        typeof audience === 'string' && audience !== '' && audience.length <= MAX_ISSUER_CHARS,
    )
  return audiences.length === 0 ? null : { issuer, audiences }
}

function parseObject(text: string): Claims | null {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}

export interface Identity {
  /** To be made an id by `userIdOf`. */
  readonly subject: string
  /** Only one that the issuer has verified. */
  readonly email: string | null
  /** What the mapping says; null when it says nothing. */
  readonly mapped: Exclude<Role, 'owner'> | null
  /** Milliseconds. */
  readonly expiresAt: number
}

export type ClaimFault = 'sub' | 'exp' | 'iat'

export function judgeClaims(
  claims: Claims,
  issuer: Pick<IssuerRecord, 'kind' | 'roleMapping'>,
  now: number,
  toleranceSeconds: number,
): Result<Identity, ClaimFault> {
  const { sub, exp, iat } = claims
  if (typeof sub !== 'string' || sub === '' || !sub.isWellFormed()) return err('sub')
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return err('exp')
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return err('iat')
  // A token from the future is one whose issuer's clock, or key, is not to be trusted.
  if (iat * 1_000 > now + toleranceSeconds * 1_000) return err('iat')
  const expiresAt = Math.floor(Math.min(exp, iat + MAX_TOKEN_LIFETIME_S) * 1_000)
  if (expiresAt + toleranceSeconds * 1_000 <= now) return err('exp')
  const { email, email_verified: isVerified } = claims
  // Cloudflare Access hands on only addresses that its own sign-in has proven, and says no more.
  const isEmailProven = isVerified === true || issuer.kind === 'cloudflare_access'
  const isEmail = typeof email === 'string' && email.length <= MAX_EMAIL_CHARS
  return ok({
    subject: sub,
    email: isEmail && isEmailProven ? email : null,
    mapped: issuer.roleMapping ? mappedRole(claims, issuer.roleMapping) : null,
    expiresAt,
  })
}

/** The highest role of the values that the claim holds; own members only, so that no name of the language counts. */
function mappedRole(claims: Claims, { claim, values }: RoleMapping): Identity['mapped'] {
  if (!Object.hasOwn(claims, claim)) return null
  const held = claims[claim]
  const found = (Array.isArray(held) ? held.slice(0, MAX_CLAIM_VALUES) : [held]).flatMap((value) =>
    typeof value === 'string' && Object.hasOwn(values, value) ? [values[value]] : [],
  )
  return MAPPED_ROLES.findLast((role) => found.includes(role)) ?? null
}

/**
 * `oidc:{issuer}:{sub}`; colons in the subject are escaped, and with them the sign that escapes, so that no issuer's people are another's
 * (`https://a` and `https://a:8443`).
 *
 * @param digest SHA-256 (hex) of a text, for what is too long
 */
export async function userIdOf(
  issuer: string,
  subject: string,
  digest: (text: string) => Promise<string>,
): Promise<UserId> {
  const plain = `oidc:${issuer}:${subject.replaceAll('%', '%25').replaceAll(':', '%3A')}`
  if (plain.length <= MAX_USER_ID_CHARS) return userIdSchema.parse(plain)
  return userIdSchema.parse(`oidc:sha256:${await digest(JSON.stringify([issuer, subject]))}`)
}

/** The person as the tenant knows them; null for a stranger. */
export type Standing =
  | { readonly role: Role; readonly status: 'active' | 'suspended' }
  | 'removed'
  | null

/**
 * The role of a person for whom an issuer vouches; null when they may not come in. Whoever holds the
 * issuer's keys is everybody whom it vouches for: owners only where its row says so.
 *
 * @param granted what the claims came to; null when they said nothing
 */
export function boundRole(
  granted: Role | null,
  row: { readonly provisionRole: Role | null; readonly provesOwners: boolean },
  standing: Standing,
): Role | null {
  const role = roleIn(granted, row.provisionRole, standing)
  return role === 'owner' && !row.provesOwners ? 'admin' : role
}

function roleIn(granted: Role | null, provisionRole: Role | null, standing: Standing): Role | null {
  // Whoever was removed is let in by those who remove, and by no issuer's word.
  if (standing === 'removed') return null
  // A stranger is what the row lets in, whatever the claims say: else removing a member would raise them.
  if (standing === null) {
    return provisionRole === null ? null : lowerRole(granted ?? provisionRole, provisionRole)
  }
  if (standing.status !== 'active') return null
  const vouched = granted ?? provisionRole
  return vouched === null ? standing.role : lowerRole(vouched, standing.role)
}
