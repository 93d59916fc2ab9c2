/**
 * API keys: `ec_<tenant locator>_<43 base64url>`. The locator leads to the tenant's own object
 * without a look-up; the 256 random bits behind it prove the right to use it. Only the SHA-256 of
 * the whole text is ever stored: the entropy makes a slow hash needless.
 */
import { locatorOf, type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { sha256Hex } from './digest.ts'
import { randomBase64Url } from './random.ts'

const SECRET_BYTES = 32
/** A locator holds no underscore, so that the secret, which may, is cut off without doubt. */
const API_KEY = /^ec_([a-z0-9]{1,40})_([A-Za-z0-9_-]{43})$/
/** Enough to tell keys apart in a list; 220 secret bits remain. */
const SHOWN_SECRET_CHARS = 6

export interface NewApiKey {
  /** Shown once to whoever asked for it, kept nowhere. */
  readonly key: string
  readonly hash: string
  /** The beginning of the key, for lists. */
  readonly prefix: string
}

export interface ParsedApiKey {
  readonly tenantId: TenantId
  readonly text: string
}

export const hashApiKey = (text: string): Promise<string> => sha256Hex(text)

export async function createApiKey(tenantId: TenantId): Promise<NewApiKey> {
  const secret = randomBase64Url(SECRET_BYTES)
  const head = `ec_${locatorOf(tenantId)}_`
  const key = head + secret
  return { key, hash: await hashApiKey(key), prefix: head + secret.slice(0, SHOWN_SECRET_CHARS) }
}

/** Null for a text of another shape: it costs no look-up. The tenant is claimed, not yet proven. */
export function parseApiKey(text: string): ParsedApiKey | null {
  const locator = API_KEY.exec(text)?.[1]
  if (locator === undefined) return null
  return { tenantId: tenantIdSchema.parse(`ten_${locator}`), text }
}
