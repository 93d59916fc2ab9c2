/** Texts that the gateway hands out and takes back: tagged with a key of one tenant and one purpose. */
import type { TenantId } from '../domain/ids.ts'
import type { Bytes } from './encoding.ts'
import { hmacSha256, isHmacSha256 } from './hmac.ts'
import type { KeyPurpose, KeyRing } from './keys.ts'

export interface MacPlace {
  readonly tenantId: TenantId
  readonly purpose: Exclude<KeyPurpose, 'envelope'>
}

export const tagOfRing = async (
  ring: KeyRing,
  { tenantId, purpose }: MacPlace,
  text: string,
): Promise<Bytes> => hmacSha256(await ring.current.macKey(tenantId, purpose), text)

/** What was handed out before a rotation began is good until it ends. */
export async function isTagOfRing(
  ring: KeyRing,
  { tenantId, purpose }: MacPlace,
  text: string,
  tag: Uint8Array,
): Promise<boolean> {
  for (const master of [ring.current, ring.previous]) {
    if (master && (await isHmacSha256(await master.macKey(tenantId, purpose), text, tag)))
      return true
  }
  return false
}
