/**
 * A SHA-256 tag as platforms write it in a header: 64 lower-case hex digits, perhaps behind a prefix.
 * One tag has one spelling, so that a replay cannot hide behind another; lists are refused.
 */
import { type Bytes, parseHex } from '../crypto/encoding.ts'

const HEX_TAG = /^[0-9a-f]{64}$/

export function parseHexTag(text: string, prefix = ''): Bytes | null {
  if (!text.startsWith(prefix)) return null
  const digits = text.slice(prefix.length)
  return HEX_TAG.test(digits) ? parseHex(digits) : null
}
