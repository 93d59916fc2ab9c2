/**
 * Secrets that name their tenant: `<kind>_<tenant locator>_<43 base64url>`, as API keys are. The
 * locator leads to the tenant's object without a look-up; the 256 random bits prove the right to use
 * it. Only the SHA-256 of the whole text is stored, and the kind is part of it.
 */
import { locatorOf, type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { sha256Hex } from './digest.ts'
import { randomBase64Url } from './random.ts'

const SECRET_BYTES = 32

export interface LocatedToken {
  readonly tenantId: TenantId
  readonly text: string
}

export interface LocatedKind {
  create(tenantId: TenantId): string
  /** Null for another shape: it costs no look-up. The tenant is claimed, not yet proven. */
  parse(text: string): LocatedToken | null
}

function locatedKind(prefix: string, shape: RegExp): LocatedKind {
  return {
    create: (tenantId) => `${prefix}_${locatorOf(tenantId)}_${randomBase64Url(SECRET_BYTES)}`,
    parse: (text) => {
      const locator = shape.exec(text)?.[1]
      if (locator === undefined) return null
      return { tenantId: tenantIdSchema.parse(`ten_${locator}`), text }
    },
  }
}

export const hashLocatedToken = (text: string): Promise<string> => sha256Hex(text)

/** Of a person who signed in through an issuer: a bearer for some hours. */
export const loginToken = locatedKind('els', /^els_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/)
/** Opens one socket, once, within a minute: the only credential that a URL may carry. */
export const ticketToken = locatedKind('tkt', /^tkt_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/)
/** From the end of a sign-in to the page that asks for its token, once. */
export const handoffToken = locatedKind('elh', /^elh_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/)
/** The `state` of an installation in a chat platform: begun by one admin, ended by the same, once. */
export const installStateToken = locatedKind('ins', /^ins_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/)
/** The `state` of an authorisation at an MCP server: begun by one admin, ended by the same, once. */
export const mcpStateToken = locatedKind('mcs', /^mcs_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/)
