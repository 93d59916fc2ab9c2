/**
 * Words of a text as the memory's index has them, and a model's question as what that index is asked.
 * Whatever a text or a question holds, only letters and digits come through: the index' own language
 * of quotes, operators and columns cannot be spoken from outside.
 */
const WORD = /[\p{L}\p{N}]+/gu
/** Scripts that put no space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu
const IS_UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Longer runs are no words: keys, base64. Their beginning is enough to find them by. */
const MAX_TERM_CHARS = 40
/** More words make a question slower and no better. */
const MAX_QUERY_TERMS = 16
/** Shorter words begin too many others. */
const MIN_PREFIX_CHARS = 3

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .normalize('NFKC')

/** Overlapping pairs, since nothing says where a word of such a script ends. */
function pairsOf(run: string): readonly string[] {
  const characters = [...run]
  if (characters.length < 2) return characters
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`)
}

export const termsOf = (text: string): readonly string[] =>
  (folded(text).match(WORD) ?? []).flatMap((word) =>
    (word.match(UNSPACED) ?? []).flatMap((part) =>
      IS_UNSPACED.test(part) ? pairsOf(part) : [[...part].slice(0, MAX_TERM_CHARS).join('')],
    ),
  )

/** As the column holds them: the triggers put the scope where the spaces are. */
export const indexedTerms = (text: string): string =>
  termsOf(text)
    .map((term) => ` ${term}`)
    .join('')

/**
 * Any of the words, the better the more of them and the rarer: within this scope alone, since every
 * word of it stands behind its name in the index. @returns null when the question holds no word
 */
export function matchOf(query: string, scope: string): string | null {
  const terms = [...new Set(termsOf(query))].slice(0, MAX_QUERY_TERMS)
  if (terms.length === 0) return null
  return terms
    .map((term) => `"${scope}${term}"${[...term].length < MIN_PREFIX_CHARS ? '' : '*'}`)
    .join(' OR ')
}
