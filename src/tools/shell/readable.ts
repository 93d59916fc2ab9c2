/**
 * Texts that no honest command line is like, and that the parser would read over and over: the end
 * of each opened substitution, or here-document, is looked for up to the end of the text.
 */

/** A short text costs little, whatever it holds. */
const SHORT_CHARS = 2_048
const MAX_UNCLOSED = 512
const MAX_BACKTICKS = 4_096
const MAX_HERE_DOCUMENTS = 512

const OPEN = 0x28
const CLOSE = 0x29
const LESS = 0x3c
const BACKTICK = 0x60

/** One pass, with no eye for quotes: counts this high mean the same within them. */
export function isUnreadable(text: string): boolean {
  if (text.length <= SHORT_CHARS) return false
  let unclosed = 0
  let backticks = 0
  let documents = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === OPEN) unclosed++
    else if (char === CLOSE) unclosed--
    else if (char === BACKTICK) backticks++
    else if (char === LESS && text.charCodeAt(at + 1) === LESS) {
      if (text.charCodeAt(at + 2) !== LESS) documents++
      at++
    }
  }
  return unclosed > MAX_UNCLOSED || backticks > MAX_BACKTICKS || documents > MAX_HERE_DOCUMENTS
}
