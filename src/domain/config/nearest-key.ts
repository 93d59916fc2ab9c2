/**
 * The known name that a mistyped one was meant to be: a setting, a command, a flag. It only suggests:
 * nothing is ever read as if it had been spelled right.
 */

/** No setting has a longer name; a longer word is no slip of the finger. */
const MAX_WORD_CHARS = 64
/** Two slips in a word of three letters leave one. */
const SHORT_WORD_CHARS = 4

/** Spelling that people mix up: `exec_approval`, `execApproval`, `exec-approval`. */
const folded = (word: string): string => word.toLowerCase().replaceAll(/[_\-. ]/g, '')

/** Insertions, deletions, replacements and swapped neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** Slips in a word that still say what was meant: one in a short word, else two, or a third of it. */
const slipsIn = (word: string): number =>
  word.length < SHORT_WORD_CHARS ? 1 : Math.max(2, Math.floor(word.length / 3))

/** Null where nothing is near enough to be what was meant. */
export function nearestKey(word: string, known: readonly string[]): string | null {
  if (word.length === 0 || word.length > MAX_WORD_CHARS) return null
  const wanted = folded(word)
  let best: { readonly name: string; readonly distance: number } | null = null
  for (const name of known) {
    const candidate = folded(name)
    const isPrefix = wanted.length > 1 && candidate.startsWith(wanted)
    const distance = isPrefix ? 1 : editDistance(wanted, candidate)
    if (distance > slipsIn(wanted)) continue
    if (best === null || distance < best.distance) best = { name, distance }
  }
  return best?.name ?? null
}
