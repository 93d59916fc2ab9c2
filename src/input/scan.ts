/**
 * Lists the families of injection a text shows. It finds and does not judge: no severity, no
 * refusal, no text in what it returns. Time is linear in the text, whatever the text.
 */
import { type InjectionFamily, MARKS, PHRASES, WORD_SETS } from './injection-patterns.ts'
import { normalizeForMatching } from './normalize.ts'

export interface Finding {
  readonly family: InjectionFamily
}

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
      for (const [word, longer] of words) if (word.startsWith(stem.slice(0, -1))) fitting.add(longer)
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
    stems.set(key, [...(stems.get(key) ?? []), { stem, id }].sort((a, b) => b.stem.length - a.stem.length))
  }
  return { ids, stems, rulesByFirst }
}

const VOCABULARY = buildVocabulary()

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
const HAS_LEET = /[0-9@$]/
const LEET_CHAR = /[0-9@$]/g
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

const wordId = (word: string): number => {
  if (word.length > MAX_WORD) return UNKNOWN
  const id = lookUp(word)
  if (id !== UNKNOWN || !HAS_LEET.test(word)) return id
  const plain = word.replace(LEET_CHAR, (char) => LEET[char] ?? char)
  const read = lookUp(plain)
  return read === UNKNOWN ? lookUp(plain.replaceAll('i', 'l')) : read
}

const isWordCode = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 48 && code <= 57) ||
  code === 64 ||
  code === 36 ||
  (code >= 0xc0 && !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x303f))

/** Ids of the words in order, with BREAK at the ends of sentences. Single letters in a row are one word. */
const wordsOf = (text: string): Uint16Array => {
  const ids: number[] = []
  let i = 0
  while (i < text.length) {
    const code = text.charCodeAt(i)
    if (isWordCode(code)) {
      let end = i + 1
      let apostrophes = 0
      while (end < text.length) {
        const next = text.charCodeAt(end)
        if (isWordCode(next)) end += 1
        else if ((next === 39 || next === 0x2019) && isWordCode(text.charCodeAt(end + 1))) {
          apostrophes += 1
          end += 1
        } else break
      }
      const word = text.slice(i, Math.min(end, i + MAX_WORD + 2))
      ids.push(wordId(apostrophes === 0 ? word : word.replace(/['\u2019]/g, '')))
      i = end
      continue
    }
    const isStop = code === 46 || code === 33 || code === 63
    const next = text.charCodeAt(i + 1)
    if (isStop && !isWordCode(next)) ids.push(BREAK)
    else if (code === 10 && next === 10) ids.push(BREAK)
    i += 1
  }
  return Uint16Array.from(ids)
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

const scanPhrases = (text: string, found: Set<InjectionFamily>): void => {
  const words = wordsOf(text)
  for (let at = 0; at < words.length; at += 1) {
    const id = words[at] ?? UNKNOWN
    if (id <= BREAK) continue
    for (const rule of VOCABULARY.rulesByFirst[id] ?? []) {
      if (!found.has(rule.family) && followsFrom(rule, words, at, 1)) found.add(rule.family)
    }
  }
}

/** Letters set apart (`i g n o r e`) are read as one run; words are no longer told apart in it. */
const SPACED_LETTERS = /(?:\b[a-z0-9@$][ ._-]{1,2}){7,200}[a-z0-9@$]\b/g
const SQUEEZED =
  /(?:ignore|disregard|forget|override)[a-z]{0,24}(?:instruction|directive|prompt|rule|guideline)|youarenow|doanythingnow/

const scanSpaced = (text: string, found: Set<InjectionFamily>): void => {
  for (const [run] of text.matchAll(SPACED_LETTERS)) {
    const letters = run.replace(/[ ._-]/g, '').replace(LEET_CHAR, (char) => LEET[char] ?? char)
    const match = SQUEEZED.exec(letters)
    if (match === null) continue
    found.add(/^you|^do/.test(match[0]) ? 'role_override' : 'ignore_instructions')
  }
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{24,}={0,2}/g
/** Decoded text looked at in all: encoded files are not worth more. */
const MAX_DECODED = 16_384
const MOSTLY_TEXT = /^[\t\n\r\x20-\x7e\u00a0-\u024f\u2000-\u206f]*$/

const decodeBase64 = (run: string): string | null => {
  try {
    const binary = atob(run.replaceAll('-', '+').replaceAll('_', '/').slice(0, MAX_DECODED))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return MOSTLY_TEXT.test(text) ? text : null
  } catch {
    return null
  }
}

const scanPlain = (text: string, found: Set<InjectionFamily>): void => {
  const normal = normalizeForMatching(text)
  for (const { family, pattern } of MARKS) {
    if (!found.has(family) && pattern.test(normal)) found.add(family)
  }
  scanPhrases(normal, found)
  scanSpaced(normal, found)
}

export const scanForInjection = (text: string): readonly Finding[] => {
  const found = new Set<InjectionFamily>()
  scanPlain(text, found)
  let decoded = 0
  for (const [run] of text.matchAll(BASE64_RUN)) {
    if (decoded >= MAX_DECODED) break
    const inner = decodeBase64(run)
    decoded += run.length
    if (inner !== null) scanPlain(inner, found)
  }
  return [...found].map((family) => ({ family }))
}
