/**
 * Finds any of many known strings in one pass: a filter over the first three characters, then the
 * few strings that share them. Knows nothing of what the strings are.
 */
const KEY_CHARS = 3
/** Slots of the filter; a power of two. Some hundred strings leave most of it empty. */
const FILTER_SIZE = 4096

export interface NeedleIndex<Tag> {
  add(needle: string, tag: Tag): void
  /** The longest needle at `at` that `accepts`; 'more' when a longer text might show a longer one. */
  at(
    text: string,
    at: number,
    final: boolean,
    accepts?: (tag: Tag) => boolean,
  ): NeedleHit<Tag> | 'more' | null
  /** First index from `from` on where a needle may begin; text.length when there is none. */
  next(text: string, from: number, final: boolean): number
  readonly size: number
}

export interface NeedleHit<Tag> {
  readonly length: number
  readonly tag: Tag
}

const NO_FILTER = new Uint8Array(0)

const hash = (text: string, at: number): number =>
  ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) &
  (FILTER_SIZE - 1)

export const createNeedleIndex = <Tag>(): NeedleIndex<Tag> => {
  const tags = new Map<string, Tag>()
  /** Made with the first needle: most texts teach none. */
  let filter = NO_FILTER
  /** Longest first, so that a value that begins with another goes whole. */
  const byKey = new Map<string, string[]>()
  const beginnings = new Set<string>()

  const add = (needle: string, tag: Tag): void => {
    if (needle.length < KEY_CHARS || tags.has(needle)) return
    tags.set(needle, tag)
    if (filter === NO_FILTER) filter = new Uint8Array(FILTER_SIZE)
    filter[hash(needle, 0)] = 1
    const key = needle.slice(0, KEY_CHARS)
    const list = byKey.get(key) ?? []
    list.push(needle)
    list.sort((a, b) => b.length - a.length)
    byKey.set(key, list)
    for (let length = 1; length < KEY_CHARS; length += 1) beginnings.add(needle.slice(0, length))
  }

  const at = (
    text: string,
    from: number,
    final: boolean,
    accepts?: (tag: Tag) => boolean,
  ): NeedleHit<Tag> | 'more' | null => {
    const rest = text.length - from
    if (rest < KEY_CHARS) return !final && beginnings.has(text.slice(from)) ? 'more' : null
    for (const needle of byKey.get(text.slice(from, from + KEY_CHARS)) ?? []) {
      const tag = tags.get(needle)
      if (tag === undefined || accepts?.(tag) === false) continue
      if (needle.length <= rest) {
        if (text.startsWith(needle, from)) return { length: needle.length, tag }
      } else if (!final && needle.startsWith(text.slice(from))) {
        return 'more'
      }
    }
    return null
  }

  const next = (text: string, from: number, final: boolean): number => {
    if (tags.size === 0) return text.length
    let i = from
    const stop = text.length - KEY_CHARS
    while (i <= stop) {
      if (filter[hash(text, i)] === 1) return i
      i += 1
    }
    if (final) return text.length
    while (i < text.length && !beginnings.has(text.slice(i))) i += 1
    return i
  }

  return {
    add,
    at,
    next,
    get size() {
      return tags.size
    },
  }
}
