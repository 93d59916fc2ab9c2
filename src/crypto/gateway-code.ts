/**
 * The six digits of the first set-up as they are stored: under a key of the gateway, since a million
 * plain hashes are computed in a moment.
 */
import { DEFAULT_TENANT } from '../domain/ids.ts'
import { hmacSha256Hex } from './hmac.ts'
import type { KeyRing } from './keys.ts'

export const gatewayCodeMac = async (keyRing: KeyRing, digits: string): Promise<string> =>
  hmacSha256Hex(await keyRing.current.macKey(DEFAULT_TENANT, 'pairing'), digits)
