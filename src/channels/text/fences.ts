/**
 * Where the code fences of a markdown text are, so that a cut inside of one can close and open it
 * again. Line by line, in one pass; it renders nothing.
 */

export interface Fence {
  /** Of the opening line. */
  readonly start: number
  /** After the opening line. */
  readonly bodyStart: number
  /** Of the closing line; the text's end where there is none. */
  readonly bodyEnd: number
  /** After the closing line. */
  readonly end: number
  /** Ends what a cut leaves open, in its own line. */
  readonly close: string
  /** Opens it again, in its own line. */
  readonly reopen: string
  /**
   * Further in than a fence at the top may be: it stands in a list, and cut off from that its own
   * closing line closes nothing.
   */
  readonly isDeep: boolean
}

/** Longer marks or words after them are no code of anybody's, and would not fit into a chunk. */
const OPENING = /^([ \t]{0,24})(`{3,16}|~{3,16})(?![`~])[ \t]{0,8}([^`\n]{0,60})$/
const CLOSING = /^[ \t]{0,24}(`{3,20}|~{3,20})[ \t]{0,20}$/
/** What the longest of these lines has. */
const MAX_LINE_CHARS = 120
const MAX_TOP_INDENT = 3

interface Opened {
  readonly start: number
  readonly bodyStart: number
  readonly indent: string
  readonly marks: string
  readonly language: string
}

const fenceOf = (
  { start, bodyStart, indent, marks, language }: Opened,
  bodyEnd: number,
  end: number,
): Fence => ({
  start,
  bodyStart,
  bodyEnd,
  end,
  close: `${indent}${marks}`,
  reopen: `${marks}${language}`,
  isDeep: indent.includes('\t') || indent.length > MAX_TOP_INDENT,
})

/** In the order of the text; none lies in another. */
export function findFences(text: string): readonly Fence[] {
  const fences: Fence[] = []
  let opened: Opened | null = null
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const next = newline < 0 ? text.length : newline + 1
    const line = next - at > MAX_LINE_CHARS ? '' : text.slice(at, next).replace(/\r?\n$/, '')
    if (opened !== null) {
      const marks = CLOSING.exec(line)?.[1]
      if (marks?.startsWith(opened.marks)) {
        fences.push(fenceOf(opened, at, next))
        opened = null
      }
    } else {
      const match = OPENING.exec(line)
      if (match !== null && newline >= 0) {
        const [, indent = '', marks = '', info = ''] = match
        const language = /^[^\s`]{0,40}/.exec(info)?.[0] ?? ''
        opened = { start: at, bodyStart: next, indent, marks, language }
      }
    }
    at = next
  }
  if (opened !== null) fences.push(fenceOf(opened, text.length, text.length))
  return fences
}
