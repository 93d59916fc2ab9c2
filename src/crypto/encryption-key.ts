/** Reading EDGECLAW_ENCRYPTION_KEY. It never guesses: a key of another form is refused, not hashed. */
import { err, ok, type Result } from '../domain/result.ts'
import { type Bytes, parseBase64, parseHex, utf8 } from './encoding.ts'

/** AES-256. */
const KEY_BYTES = 32
const HEX_CHARS = 64
const BASE64_CHARS = 44

const REFUSAL =
  'must be 64 hexadecimal digits, 44 characters of base64 or 32 raw bytes (32 bytes of key); ' +
  'make one with: openssl rand -hex 32'

/** The error is the end of a sentence that begins with the setting's name; it shows nothing of it. */
export function parseEncryptionKey(value: string | Uint8Array): Result<Bytes, string> {
  const bytes = typeof value === 'string' ? parseText(value) : new Uint8Array(value)
  return bytes?.length === KEY_BYTES ? ok(bytes) : err(REFUSAL)
}

function parseText(text: string): Bytes | null {
  if (text.length === HEX_CHARS) return parseHex(text)
  if (text.length === BASE64_CHARS) return parseBase64(text)
  return utf8(text)
}
