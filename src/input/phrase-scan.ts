/**
 * Finds the phrases of injection-patterns.ts: the text becomes a row of word numbers, and a rule is
 * tried only where its first word stands. A rule looks a bounded number of words ahead, so time is
 * linear in the text.
 */
import { type InjectionFamily, PHRASES, WORD_SETS } from './injection-patterns.ts'

interface Step {
  /** Indexed by word id: 1 where the word fits. */
  readonly fits: Uint8Array
  /** Words that may stand before it. */
  readonly gap: number
}

interface Rule {
  readonly family: InjectionFamily
  readonly steps: readonly Step[]
  readonly refusedNext: Uint8Array | null
}

interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>
  /** Stems written with `*`, longest first per first four letters. */
  readonly stems: ReadonlyMap<string, readonly { readonly stem: string; readonly id: number }[]>
  readonly rulesByFirst: readonly (readonly Rule[])[]
}

const STEM_KEY = 4
const UNKNOWN = 0
/** The end of a sentence or paragraph: no phrase goes across it. */
const BREAK = 1

const expand = (atom: string): readonly string[] =>
  atom.split('|').flatMap((part) => {
    const set = /^<(\w+)>$/.exec(part)?.[1]
    return set === undefined ? [part] : (WORD_SETS[set] ?? '').split(/\s+/)
  })

const buildVocabulary = (): Vocabulary => {
  const ids = new Map<string, number>()
  const idOf = (word: string): number => {
    const known = ids.get(word)
    if (known !== undefined) return known
    const id = ids.size + 2
    ids.set(word, id)
    return id
  }
  const parsed = PHRASES.map(({ family, words }) => {
    const steps: { readonly words: readonly number[]; readonly gap: number }[] = []
    let refused: readonly number[] | null = null
    let gap = 0
    for (const atom of words.split(' ')) {
      if (atom.startsWith('..')) gap = Number(atom.slice(2))
      else if (atom.startsWith('!')) refused = expand(atom.slice(1)).map(idOf)
      else {
        steps.push({ words: expand(atom).map(idOf), gap })
        gap = 0
      }
    }
    return { family, steps, refused }
  })
  const words = [...ids]
  const stemIds = new Set(words.filter(([word]) => word.endsWith('*')).map(([, id]) => id))
  /** A stem also stands for the longer words that the list names by themselves. */
  const withLonger = (members: readonly number[]): readonly number[] => {
    const fitting = new Set(members)
    for (const [stem, id] of words) {
      if (!stemIds.has(id) || !fitting.has(id)) continue
      for (const [word, longer] of words)
        if (word.startsWith(stem.slice(0, -1))) fitting.add(longer)
    }
    return [...fitting]
  }
  const table = (members: readonly number[]): Uint8Array => {
    const fits = new Uint8Array(ids.size + 2)
    for (const id of withLonger(members)) fits[id] = 1
    return fits
  }
  const rulesByFirst: Rule[][] = Array.from({ length: ids.size + 2 }, () => [])
  for (const { family, steps, refused } of parsed) {
    const rule: Rule = {
      family,
      steps: steps.map((step) => ({ fits: table(step.words), gap: step.gap })),
      refusedNext: refused === null ? null : table(refused),
    }
    for (const id of withLonger(steps[0]?.words ?? [])) rulesByFirst[id]?.push(rule)
  }
  const stems = new Map<string, { readonly stem: string; readonly id: number }[]>()
  for (const [word, id] of ids) {
    if (!word.endsWith('*')) continue
    const stem = word.slice(0, -1)
    const key = stem.slice(0, STEM_KEY)
    stems.set(
      key,
      [...(stems.get(key) ?? []), { stem, id }].sort((a, b) => b.stem.length - a.stem.length),
    )
  }
  return { ids, stems, rulesByFirst }
}

const VOCABULARY = buildVocabulary()

/** Digits and signs that stand for letters. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
}
const LEET_CHAR = /[0-9@$]/g

export const readLeet = (text: string): string =>
  text.replace(LEET_CHAR, (char) => LEET[char] ?? char)

/** Longer words are none of ours; bounds the cost of one look-up. */
const MAX_WORD = 24

const lookUp = (word: string): number => {
  const known = VOCABULARY.ids.get(word)
  if (known !== undefined) return known
  for (const { stem, id } of VOCABULARY.stems.get(word.slice(0, STEM_KEY)) ?? []) {
    if (word.startsWith(stem)) return id
  }
  return UNKNOWN
}

const wordId = (word: string, hasLeet: boolean): number => {
  if (word.length > MAX_WORD) return UNKNOWN
  const id = lookUp(word)
  if (id !== UNKNOWN || !hasLeet) return id
  const plain = readLeet(word)
  const read = lookUp(plain)
  return read === UNKNOWN ? lookUp(plain.replaceAll('i', 'l')) : read
}

export const isWordCode = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 48 && code <= 57) ||
  code === 64 ||
  code === 36 ||
  (code >= 0xc0 && !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x303f))

const APOSTROPHE = 39
const RIGHT_QUOTE = 0x2019
const LOWER_A = 97

/** Ids of the words in order, with BREAK at the ends of sentences and paragraphs. */
const wordsOf = (text: string): Uint16Array => {
  // A word or a break takes at least one character, so there are no more than characters.
  const ids = new Uint16Array(text.length)
  let count = 0
  let i = 0
  while (i < text.length) {
    const code = text.charCodeAt(i)
    if (isWordCode(code)) {
      let end = i
      let hasApostrophe = false
      let hasLeet = false
      let hasLetter = false
      while (end < text.length) {
        const next = text.charCodeAt(end)
        if (isWordCode(next)) {
          if (next < LOWER_A) hasLeet = true
          else hasLetter = true
        } else if (
          (next === APOSTROPHE || next === RIGHT_QUOTE) &&
          isWordCode(text.charCodeAt(end + 1))
        ) {
          hasApostrophe = true
        } else break
        end += 1
      }
      if (end - i > MAX_WORD + 2) ids[count] = UNKNOWN
      else {
        const word = text.slice(i, end)
        ids[count] = wordId(
          hasApostrophe ? word.replace(/['\u2019]/g, '') : word,
          hasLeet && hasLetter,
        )
      }
      count += 1
      i = end
      continue
    }
    const next = text.charCodeAt(i + 1)
    const isStop = (code === 46 || code === 33 || code === 63) && !isWordCode(next)
    if ((isStop || (code === 10 && next === 10)) && ids[count - 1] !== BREAK) {
      ids[count] = BREAK
      count += 1
    }
    i += 1
  }
  return ids.subarray(0, count)
}

const followsFrom = (rule: Rule, words: Uint16Array, at: number, step: number): boolean => {
  const expected = rule.steps[step]
  if (expected === undefined) {
    return rule.refusedNext === null || rule.refusedNext[words[at + 1] ?? UNKNOWN] !== 1
  }
  for (let gap = 0; gap <= expected.gap; gap += 1) {
    const next = words[at + 1 + gap]
    if (next === undefined || next === BREAK) return false
    if (expected.fits[next] === 1 && followsFrom(rule, words, at + 1 + gap, step + 1)) return true
  }
  return false
}

export const scanPhrases = (text: string, found: Set<InjectionFamily>): void => {
  const words = wordsOf(text)
  for (let at = 0; at < words.length; at += 1) {
    const id = words[at] ?? UNKNOWN
    if (id <= BREAK) continue
    for (const rule of VOCABULARY.rulesByFirst[id] ?? []) {
      if (!found.has(rule.family) && followsFrom(rule, words, at, 1)) found.add(rule.family)
    }
  }
}
