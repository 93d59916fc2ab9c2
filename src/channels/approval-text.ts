/**
 * A question to a person whether one call may be made, as markdown. What is to be run is shown as it
 * is: nothing in it may close the frame around it, turn the direction of reading or be left out silently.
 */
import { cutHead } from '../domain/text-cut.ts'
import type { ApprovalQuestion } from './platform.ts'

/** Of the rule's words; what matters is the call. */
const MAX_REASON_CHARS = 200

/**
 * They make a line read otherwise than it runs: other controls than tab and line end, what no client
 * draws (Unicode's format characters and default ignorables, tags among them), lines of their own.
 */
const MISLEADING = /(?![\t\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu
const shown = (text: string): string =>
  text.replaceAll(MISLEADING, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`)

function questionOf({ tool, detail, reason }: ApprovalQuestion, maxChars: number): string {
  const kept = cutHead(shown(detail), maxChars)
  const left = shown(detail).length - kept.length
  const longest = Math.max(2, ...(kept.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const parts = [
    `**May ${shown(tool)} be called?**`,
    `${fence}\n${kept}\n${fence}`,
    left === 0 ? '' : `**Cut: ${left} more characters are not shown here.**`,
    cutHead(shown(reason), MAX_REASON_CHARS),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** The longest form of the question that `measure` finds within `max`. */
export function approvalMarkdown(
  question: ApprovalQuestion,
  max: number,
  measure: (markdown: string) => number,
): string {
  let chars = Math.min(question.detail.length * 6, max)
  while (chars > 0 && measure(questionOf(question, chars)) > max) chars = Math.floor(chars * 0.9)
  return questionOf(question, chars)
}
