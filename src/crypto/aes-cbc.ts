/**
 * Opening AES-256-CBC with PKCS#7 padding, for the one platform that still sends it (Feishu). It
 * proves nothing: whoever relies on the text must have verified a signature or a token besides.
 */
import type { Bytes } from './encoding.ts'

const BLOCK_BYTES = 16
const KEY_BYTES = 32

/** `sealed` is the initial vector, then whole blocks. Null for anything that does not open. */
export async function decryptAesCbc(key: Bytes, sealed: Bytes): Promise<Bytes | null> {
  if (key.length !== KEY_BYTES) return null
  if (sealed.length < 2 * BLOCK_BYTES || sealed.length % BLOCK_BYTES !== 0) return null
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt'])
    const parameters = { name: 'AES-CBC', iv: sealed.slice(0, BLOCK_BYTES) }
    return new Uint8Array(
      await crypto.subtle.decrypt(parameters, imported, sealed.slice(BLOCK_BYTES)),
    )
  } catch {
    return null
  }
}
