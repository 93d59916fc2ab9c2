/**
 * What a paired browser is and proves itself by: `edv_<tenant locator>_<43 base64url>`, 256 random
 * bits. Only the SHA-256 of the whole text is ever stored.
 */
import { locatorOf, type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { sha256Hex } from './digest.ts'
import { randomBase64Url } from './random.ts'

const SECRET_BYTES = 32
/** A locator holds no underscore, so that the secret, which may, is cut off without doubt. */
const DEVICE_TOKEN = /^edv_([a-z0-9]{1,40})_[A-Za-z0-9_-]{43}$/

export const hashDeviceToken = (token: string): Promise<string> => sha256Hex(token)

export async function createDeviceToken(
  tenantId: TenantId,
): Promise<{ readonly token: string; readonly hash: string }> {
  const token = `edv_${locatorOf(tenantId)}_${randomBase64Url(SECRET_BYTES)}`
  return { token, hash: await hashDeviceToken(token) }
}

/** The tenant that the token claims, not yet proven; null for a text of another shape. */
export function tenantOfDeviceToken(token: string): TenantId | null {
  const locator = DEVICE_TOKEN.exec(token)?.[1]
  return locator === undefined ? null : tenantIdSchema.parse(`ten_${locator}`)
}
