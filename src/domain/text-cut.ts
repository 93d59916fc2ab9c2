/**
 * Where a text may be cut, in UTF-16 units: never between the halves of a pair, of which each alone is no
 * character. It says nothing of what was left out.
 */

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** Whether a cut ahead of `at` would go through a pair. */
export const splitsPair = (text: string, at: number): boolean =>
  isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at))

/** The last place up to `at` where it may be cut. */
export const cutPlace = (text: string, at: number): number => (splitsPair(text, at) ? at - 1 : at)

export const cutHead = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : text.slice(0, cutPlace(text, maxChars))

export const cutTail = (text: string, maxChars: number): string => {
  if (text.length <= maxChars) return text
  const from = text.length - Math.max(0, maxChars)
  return text.slice(splitsPair(text, from) ? from + 1 : from)
}

/** Whatever an editor or a terminal takes for the end of a line. */
export const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/
