/** AES-256-GCM over bytes, 96-bit nonces and 128-bit tags only (NIST SP 800-38D). */
import type { Bytes } from './encoding.ts'

export const NONCE_BYTES = 12
export const TAG_BYTES = 16

export interface GcmInput {
  readonly key: CryptoKey
  readonly nonce: Bytes
  readonly additionalData: Bytes
}

const parameters = (input: GcmInput) => ({
  name: 'AES-GCM',
  iv: input.nonce,
  additionalData: input.additionalData,
  tagLength: 8 * TAG_BYTES,
})

export const importAesGcmKey = (bytes: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])

/** Ciphertext followed by its tag. */
export async function encryptAesGcm(input: GcmInput, plain: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(parameters(input), input.key, plain))
}

/** Null when the tag does not match: nothing of an altered text is returned. */
export async function decryptAesGcm(input: GcmInput, sealed: Bytes): Promise<Bytes | null> {
  if (input.nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return null
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(input), input.key, sealed))
  } catch {
    return null
  }
}
