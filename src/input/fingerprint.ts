/**
 * A short fingerprint of a text for events: tells whether two events were about the same text, and
 * leads back to no text. FNV-1a of 64 bits over the UTF-16 units (RFC 9923's constants), then folded
 * to 32 bits, so that many texts share each value. It protects nothing; keys are src/crypto's part.
 */
const OFFSET_HIGH = 0xcbf29ce4
const OFFSET_LOW = 0x84222325
/** The prime 0x100000001b3 is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3

/** Eight hexadecimal digits. */
export const fingerprint = (text: string): string => {
  let high = OFFSET_HIGH
  let low = OFFSET_LOW
  for (let i = 0; i < text.length; i += 1) {
    low = (low ^ text.charCodeAt(i)) >>> 0
    // (high, low) × prime modulo 2^64, in 32-bit halves: low × 0x1b3 needs 41 bits, exact in a double.
    const product = low * PRIME_LOW
    const carry = Math.floor(product / 0x1_0000_0000)
    high = (Math.imul(high, PRIME_LOW) + carry + (low << 8)) >>> 0
    low = product >>> 0
  }
  return ((high ^ low) >>> 0).toString(16).padStart(8, '0')
}
