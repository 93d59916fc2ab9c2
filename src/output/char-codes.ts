/**
 * The characters of a text as bytes, so that the finders read an array instead of a string: a string
 * may be a slice or a chain of others, and each character of it costs several times as much. Made
 * anew for each piece of text and never kept, so that no stream's text is within another's reach.
 */

/** Stands for every character beyond ASCII: none is part of a credential or of its name. */
const NON_ASCII = 128
/** How many different codes there are. */
export const CODES = NON_ASCII + 1

/** One byte a character, at the character's own index. */
export type CharCodes = Uint8Array

const encoder = new TextEncoder()

/** From here on a byte of UTF-8 begins a character beyond ASCII; what is below goes on with one. */
const LEAD = 0xc0
/** Begins a character that takes two units of a string. */
const LEAD_OF_PAIR = 0xf0
/** So few characters may need more bytes than there is room for. */
const FEW = 16

/** Moves each character of UTF-8 to its index in the string, which never lies further ahead. */
const moveToIndex = (bytes: Uint8Array, length: number): void => {
  let at = 0
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0
    if (byte < NON_ASCII) bytes[at++] = byte
    else if (byte >= LEAD) {
      bytes[at++] = NON_ASCII
      if (byte >= LEAD_OF_PAIR) bytes[at++] = NON_ASCII
    }
  }
}

export const charCodes = (text: string): CharCodes => {
  const codes = new Uint8Array(text.length)
  let at = 0
  // What is not ASCII takes more bytes than characters, so that some of the text is left over.
  while (text.length - at > FEW) {
    const room = codes.subarray(at)
    const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), room)
    if (written > read) moveToIndex(room, written)
    at += read
  }
  for (; at < text.length; at += 1) codes[at] = Math.min(text.charCodeAt(at), NON_ASCII)
  return codes
}
