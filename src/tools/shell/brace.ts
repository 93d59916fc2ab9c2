/**
 * Brace expansion over the raw text of a word, as bash does it before all else. Beyond its bounds
 * the answer is null: such a word is judged as unknown.
 */

/** More words than this come from no honest command line. */
const MAX_WORDS = 128
const MAX_CHARS = 4_096
/** Characters looked at in all: nested braces are scanned again for every word they make. */
const MAX_STEPS = 200_000
const MAX_NESTING = 16
const MAX_SEQUENCE = 64

/** The raw words that a raw word expands to; the word itself when it holds no brace expansion. */
export function expandBraces(raw: string): readonly string[] | null {
  const search: Search = { words: [], steps: 0 }
  return collect(raw, 0, search) ? search.words : null
}

interface Search {
  readonly words: string[]
  steps: number
}

function collect(raw: string, depth: number, search: Search): boolean {
  if (depth > MAX_NESTING || raw.length > MAX_CHARS) return false
  const brace = findBrace(raw, search)
  if (search.steps > MAX_STEPS) return false
  if (brace === null) {
    search.words.push(raw)
    return search.words.length <= MAX_WORDS
  }
  const head = raw.slice(0, brace.start)
  const tail = raw.slice(brace.end)
  for (const item of brace.items) {
    if (!collect(head + item + tail, depth + 1, search)) return false
  }
  return true
}

interface Brace {
  readonly start: number
  readonly end: number
  readonly items: readonly string[]
}

/** The first `{a,b}` or `{x..y}` that is neither quoted nor a parameter's. */
function findBrace(raw: string, search: Search): Brace | null {
  for (let start = 0; start < raw.length; start = skip(raw, start)) {
    if (raw[start] !== '{' || raw[start - 1] === '$') continue
    const commas: number[] = []
    let level = 0
    let at = start + 1
    for (; at < raw.length; at = skip(raw, at)) {
      const char = raw[at]
      if (++search.steps > MAX_STEPS) return null
      if (char === '{') level++
      else if (char === '}' && level-- === 0) break
      else if (char === ',' && level === 0) commas.push(at)
    }
    if (at >= raw.length) continue
    const items =
      commas.length > 0 ? split(raw, start, at, commas) : sequence(raw.slice(start + 1, at))
    if (items !== null) return { start, end: at + 1, items }
  }
  return null
}

function split(raw: string, start: number, end: number, commas: readonly number[]): string[] {
  const items: string[] = []
  let from = start + 1
  for (const comma of [...commas, end]) {
    items.push(raw.slice(from, comma))
    from = comma + 1
  }
  return items
}

function sequence(body: string): readonly string[] | null {
  const match = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?$/.exec(body)
  const [, first, last, step] = match ?? []
  if (first === undefined || last === undefined) return null
  const isText = /[A-Za-z]/.test(first)
  const from = isText ? first.charCodeAt(0) : Number(first)
  const to = isText ? last.charCodeAt(0) : Number(last)
  if (!Number.isFinite(from) || !Number.isFinite(to)) return null
  const stride = Math.max(1, Math.abs(Number(step ?? 1)))
  const items: string[] = []
  for (let i = 0; i <= Math.abs(to - from) / stride && i < MAX_SEQUENCE; i++) {
    const value = from + Math.sign(to - from) * i * stride
    items.push(isText ? String.fromCharCode(value) : String(value))
  }
  return items
}

/** The next index to look at: past an escape, a quoted piece or a `${…}`/`$(…)`. */
function skip(raw: string, at: number): number {
  const char = raw[at]
  if (char === '\\') return at + 2
  if (char === "'" || char === '"') {
    for (let i = at + 1; i < raw.length; i++) {
      if (raw[i] === '\\' && (char === '"' || raw[at - 1] === '$')) i++
      else if (raw[i] === char) return i + 1
    }
    return raw.length
  }
  if (char === '$' && (raw[at + 1] === '{' || raw[at + 1] === '(')) {
    const open = raw[at + 1] ?? ''
    const close = open === '{' ? '}' : ')'
    let level = 0
    for (let i = at + 1; i < raw.length; i++) {
      if (raw[i] === '\\') i++
      else if (raw[i] === open) level++
      else if (raw[i] === close && --level === 0) return i + 1
    }
    return raw.length
  }
  return at + 1
}
