/** Verifying Ed25519 signatures (RFC 8032), as webhooks carry them. It never signs. */
import type { Bytes } from './encoding.ts'

const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** False for a key or signature of another form: whoever sent it proved nothing. */
export async function isEd25519Signature(
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean> {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, [
      'verify',
    ])
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message)
  } catch {
    return false
  }
}
