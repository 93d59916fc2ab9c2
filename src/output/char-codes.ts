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

export const charCodes = (text: string): CharCodes => {
  const codes = new Uint8Array(text.length)
  // As many bytes as characters: all of it is ASCII.
  if (encoder.encodeInto(text, codes).read === text.length) return codes
  for (let i = 0; i < codes.length; i += 1) {
    const code = text.charCodeAt(i)
    codes[i] = code < NON_ASCII ? code : NON_ASCII
  }
  return codes
}
