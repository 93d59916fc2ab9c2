/**
 * Opens `{"encrypt": …}` of Feishu: base64 of AES-256-CBC under the SHA-256 of the encrypt key. Call
 * it after `verifyFeishu`: the cipher carries no proof of its own.
 */
import { decryptAesCbc } from '../../crypto/aes-cbc.ts'
import { sha256 } from '../../crypto/digest.ts'
import { parseBase64, parseUtf8 } from '../../crypto/encoding.ts'

/** Null when it does not open, or holds no UTF-8: every failure looks alike from outside. */
export async function decryptFeishu(encrypted: string, encryptKey: string): Promise<string | null> {
  const sealed = parseBase64(encrypted)
  if (sealed === null || encryptKey === '') return null
  const plain = await decryptAesCbc(await sha256(encryptKey), sealed)
  return plain === null ? null : parseUtf8(plain)
}
