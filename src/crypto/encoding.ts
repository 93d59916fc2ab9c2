/**
 * Bytes as text and back. Strict: an encoding that is not the canonical one of its bytes is
 * refused, so that one value has one text (a second spelling of a token or envelope would slip past
 * whatever compares texts).
 */

/** Owns its buffer, which Web Crypto asks of its inputs. */
export type Bytes = Uint8Array<ArrayBuffer>

/** `String.fromCharCode(...bytes)` overflows the stack beyond some ten thousand arguments. */
const BINARY_CHUNK_BYTES = 8_192

const encoder = new TextEncoder()

/** The encoder always makes a buffer of its own; the platform's types do not all say so. */
export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** Null for bytes that are no UTF-8: replacement characters would hide a wrong decryption. */
export function parseUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Either case, an even number of digits. */
export function parseHex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  }
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += BINARY_CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(i, i + BINARY_CHUNK_BYTES))
  }
  return btoa(binary)
}

/** RFC 4648 section 4 with padding, canonical only. */
export function parseBase64(text: string): Bytes | null {
  // `atob` would skip white space and accept missing padding and stray low bits.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return null
  }
  if (btoa(binary) !== text) return null
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** RFC 4648 section 5 without padding, canonical only. */
export function parseBase64Url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  return parseBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
}

export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
