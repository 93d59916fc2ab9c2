/**
 * A question to a person whether one call may be made. What is to be run is shown as it is: nothing in
 * it may close the frame around it, turn the direction of reading or be left out silently.
 */
import { cutHead } from '../domain/text-cut.ts'
import { UNDRAWN_IN_LINES } from '../domain/undrawn.ts'
import type { Dialect } from './markdown.ts'
import type { ApprovalQuestion } from './platform.ts'

/** Of the rule's words; what matters is the call. */
const MAX_REASON_CHARS = 200

const shown = (text: string): string =>
  text.replaceAll(
    UNDRAWN_IN_LINES,
    (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  )

const oneLine = (text: string): string =>
  shown(text).replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim()

type Frame = Pick<Dialect, 'text' | 'strong' | 'fence'>

/** Nothing of it is read as markdown: what is shown is drawn by the platform's own dialect. */
export type Compose = (frame: Frame) => string

function composing({ tool, reason }: ApprovalQuestion, kept: string, left: number): Compose {
  return ({ text, strong, fence }) =>
    [
      strong(text(`May ${oneLine(tool)} be called?`)),
      fence(kept, ''),
      left === 0 ? '' : strong(text(`Cut: ${left} more characters are not shown here.`)),
      text(cutHead(oneLine(reason), MAX_REASON_CHARS)),
    ]
      .filter((part) => part !== '')
      .join('\n\n')
}

/**
 * The longest form of the question that `measure` finds within `max`.
 *
 * @param draw with a frame that no text put into it ends
 */
export function drawQuestion<Drawn>(
  question: ApprovalQuestion,
  max: number,
  draw: (compose: Compose) => Drawn,
  measure: (drawn: Drawn) => number,
): Drawn {
  const detail = shown(question.detail)
  for (let chars = Math.min(detail.length, max); ; chars = Math.floor(chars * 0.9)) {
    const kept = cutHead(detail, chars)
    const drawn = draw(composing(question, kept, detail.length - kept.length))
    if (chars === 0 || measure(drawn) <= max) return drawn
  }
}

export const lengthOf = ({ length }: string): number => length
