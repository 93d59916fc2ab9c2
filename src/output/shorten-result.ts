/**
 * An old tool result as a model still needs it: its head, its tail, and where the rest is. Blocks of
 * text from outside keep both of their markers and the line that says what they are; a block whose
 * end cannot be found is left as it is.
 */
import { KEPT_IN } from '../domain/kept-result.ts'
import { cutHead, cutTail } from '../domain/text-cut.ts'
import { UNTRUSTED_BEGIN, UNTRUSTED_END } from './mark-untrusted.ts'

/** Results up to this stay: a note about what was left out would save little. */
const MAX_WHOLE_CHARS = 2_000
const HEAD_CHARS = 600
const TAIL_CHARS = 200
/** Blocks of one result; more of them were not made by this gateway. */
const MAX_BLOCKS = 64

const ID = ' id='

interface Opening {
  readonly index: number
  /** The whole line. */
  readonly head: string
  readonly id: string
}

/** The first line that opens a block. */
function openingIn(text: string): Opening | null {
  for (let index = text.indexOf(UNTRUSTED_BEGIN); index >= 0; ) {
    const end = text.indexOf('\n', index)
    const head = text.slice(index, end < 0 ? undefined : end)
    const at = head.lastIndexOf(ID)
    const id = at < 0 ? '' : head.slice(at + ID.length)
    const isLine = index === 0 || text[index - 1] === '\n'
    if (isLine && /^\S+$/.test(id)) return { index, head, id }
    index = text.indexOf(UNTRUSTED_BEGIN, index + 1)
  }
  return null
}

function shortText(text: string): string {
  if (text.length <= HEAD_CHARS + TAIL_CHARS) return text
  const head = cutHead(text, HEAD_CHARS)
  const tail = cutTail(text, TAIL_CHARS)
  const cutChars = text.length - head.length - tail.length
  const path = KEPT_IN.exec(text)?.[1]
  const where = path === undefined ? 'call the tool again for them' : `the whole is in ${path}`
  return `${head}\n[… ${cutChars} characters of this old result are left out; ${where} …]\n${tail}`
}

/** @returns null when it stays as it is */
export function shortenResult(content: string): string | null {
  if (content.length <= MAX_WHOLE_CHARS) return null
  let out = ''
  let rest = content
  for (let blocks = 0; ; blocks++) {
    const begin = openingIn(rest)
    if (begin === null) break
    if (blocks >= MAX_BLOCKS) return null
    const inside = begin.index + begin.head.length
    const end = `\n${UNTRUSTED_END}${ID}${begin.id}`
    const at = rest.indexOf(end, inside)
    if (at < 0) return null
    out += shortText(rest.slice(0, begin.index))
    out += begin.head
    out += shortText(rest.slice(inside, at))
    out += end
    rest = rest.slice(at + end.length)
  }
  out += shortText(rest)
  return out.length < content.length ? out : null
}
