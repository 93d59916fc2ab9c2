/** Sensitive paths, against words that may be relative, doubled, dotted or globs. */

/** Lexical: `//`, `/./` and `x/..` fall away; a trailing slash too. */
export function normalizePath(word: string): string {
  if (!/\/\/|\/\.|\/$/.test(word)) return word
  const isAbsolute = word.startsWith('/')
  const segments: string[] = []
  for (const segment of word.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..' && segments.length > 0 && segments.at(-1) !== '..') segments.pop()
    else if (segment !== '..' || !isAbsolute) segments.push(segment)
  }
  return (isAbsolute ? '/' : '') + segments.join('/')
}

/**
 * Whether the word, taken as a glob where it has glob characters, could name a path of the pattern.
 * Pattern segments are literal or `*`; a pattern that ends in `/**` covers all below.
 */
export function couldName(word: string, pattern: string): boolean {
  const path = normalizePath(word)
  if (!path.startsWith('/') || !pattern.startsWith('/')) return false
  const wanted = pattern.split('/')
  const given = path.split('/')
  const coversBelow = wanted.at(-1) === '**'
  if (coversBelow) wanted.pop()
  if (coversBelow ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, index) => couldBe(given[index] ?? '', segment))
}

function couldBe(given: string, wanted: string): boolean {
  if (wanted === '*' || given === wanted) return true
  return /[*?[\uE000\uE001]/.test(given) && globMatches(given, wanted)
}

/** Greedy matching with one point of return: linear in practice, quadratic at worst on short names. */
function globMatches(glob: string, text: string): boolean {
  let g = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    const char = glob[g]
    if (char === '*' || char === '\uE000' || char === '\uE001') {
      star = g++
      mark = t
    } else if (char === '[') {
      // A bracket matches one character; which one is not worth the parsing here.
      const close = glob.indexOf(']', g + 2)
      if (close < 0) return true
      g = close + 1
      t++
    } else if (char === '?' || char === text[t]) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++mark
    } else {
      return false
    }
  }
  return /^[*\uE000\uE001]*$/.test(glob.slice(g))
}

export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
