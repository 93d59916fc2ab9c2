/**
 * Files that a text writes, by their base names, for the case that it runs them too. A file that
 * was there before is unknown code, and none of this.
 */

/** The text of a file; null where it is not to be seen. */
export type Written = string | null

interface OwnFile {
  /** All pieces in their order. */
  readonly whole: Written
  /** Each may be all that is left, where a later one overwrites. */
  readonly pieces: readonly string[]
}

type JudgeText = (text: Written) => void

/** Stands for a file whose name is not to be seen. */
export const ANY_FILE = '*'

/** A file that is put together from more pieces is not followed. */
const MAX_PIECES = 16
/** Files that are run before they are written. */
const MAX_RUNS = 64

export class OwnFiles {
  readonly #files = new Map<string, OwnFile>()
  readonly #runs = new Map<string, JudgeText>()
  readonly #judged = new Set<string>()
  readonly #copies = new Map<string, string>()

  add(base: string, given: Written): void {
    // Bash reads over a NUL.
    const text = given?.replaceAll('\0', '') ?? null
    const old = this.#files.get(base) ?? { whole: '', pieces: [] }
    if (text !== null && old.pieces.includes(text)) return
    const isSeen = text !== null && old.whole !== null && old.pieces.length < MAX_PIECES
    const whole = isSeen ? `${old.whole}${text}` : null
    const pieces = text === null || !isSeen ? old.pieces : [...old.pieces, text]
    const file = { whole, pieces }
    this.#files.set(base, file)
    // A loop may run first what it writes last.
    const judge = this.#runs.get(base)
    if (judge !== undefined) judgeFile(file, judge)
    const judgeAny = this.#runs.get(ANY_FILE)
    if (judgeAny !== undefined && whole !== null) judgeFile(file, judgeAny)
  }

  /** A file is run as code of a kind: `judge` gets what was written into it, now and later. */
  run(base: string, kind: string, judge: JudgeText): void {
    const judgeOnce = (text: Written): void => {
      const key = `${kind}\0${text}`
      if (this.#judged.has(key)) return
      this.#judged.add(key)
      judge(text)
    }
    if (base === ANY_FILE) {
      // Any whose text is known; the others may be the workspace's own.
      for (const file of this.#files.values()) {
        if (file.whole !== null) judgeFile(file, judgeOnce)
      }
    } else {
      const file = this.#files.get(base)
      if (file !== undefined) judgeFile(file, judgeOnce)
    }
    const earlier = this.#runs.get(base)
    if (earlier === undefined && this.#runs.size >= MAX_RUNS) return
    this.#runs.set(base, (text) => {
      earlier?.(text)
      judgeOnce(text)
    })
  }

  /** A file gets another name; so does all that could stand in it. */
  copy(base: string, original: string): void {
    const file = this.#files.get(original)
    if (file === undefined) return
    for (const piece of file.pieces) this.add(base, piece)
    this.add(base, file.whole)
  }

  /** A program of the image is copied or linked to this name. */
  copyProgram(base: string, original: string): void {
    this.#copies.set(base, original)
  }

  originalOf(base: string): string | undefined {
    return this.#copies.get(base)
  }
}

function judgeFile({ whole, pieces }: OwnFile, judge: JudgeText): void {
  judge(whole)
  for (const piece of pieces) judge(piece)
}
