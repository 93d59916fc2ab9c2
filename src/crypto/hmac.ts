/** HMAC-SHA256 (RFC 2104), whole tags only: a truncated tag is a wrong tag. */
import { type Bytes, toHex, utf8 } from './encoding.ts'
import { isEqualBytes } from './equal.ts'

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const

/** Text is taken as UTF-8. */
export type MacInput = string | Bytes

const bytesOf = (data: MacInput): Bytes => (typeof data === 'string' ? utf8(data) : data)

/** An empty key would make every tag computable by anyone: a secret that is not set is refused. */
async function importMacKey(key: MacInput): Promise<CryptoKey> {
  const bytes = bytesOf(key)
  if (bytes.length === 0) throw new RangeError('an HMAC key cannot be empty')
  return crypto.subtle.importKey('raw', bytes, ALGORITHM, false, ['sign'])
}

export async function hmacSha256(key: MacInput | CryptoKey, message: MacInput): Promise<Bytes> {
  const cryptoKey = key instanceof CryptoKey ? key : await importMacKey(key)
  return new Uint8Array(await crypto.subtle.sign('HMAC', cryptoKey, bytesOf(message)))
}

/** 64 lower-case hex digits. */
export const hmacSha256Hex = async (
  key: MacInput | CryptoKey,
  message: MacInput,
): Promise<string> => toHex(await hmacSha256(key, message))

/** Constant-time in the tag; false for a tag of another length. */
export const isHmacSha256 = async (
  key: MacInput | CryptoKey,
  message: MacInput,
  tag: Uint8Array,
): Promise<boolean> => isEqualBytes(await hmacSha256(key, message), tag)
