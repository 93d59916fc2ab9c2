/**
 * How a conversation is shown what led to an answer, in markdown: tools called, and thoughts; and what
 * the answer turned out to lack.
 */

import type { RunEvent } from '../../domain/run-event.ts'
import { cutHead } from '../../domain/text-cut.ts'

export type ShownKind = 'reasoning' | 'verbose'

const MAX_ARGUMENT_CHARS = 160
const MAX_REASONING_CHARS = 6_000

/** Of one line, and ended by nothing in it. */
function codeSpan(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))
  if (longest === 0) return `\`${line}\``
  const marks = '`'.repeat(longest + 1)
  return `${marks} ${line} ${marks}`
}

/** Null for what is no step of its own. */
export function stepText(event: RunEvent): string | null {
  if (event.type === 'tool.result') return event.isError ? `- ${codeSpan(event.name)} failed` : null
  if (event.type !== 'tool.call') return null
  const args = JSON.stringify(event.arguments) ?? ''
  const shown = cutHead(args, MAX_ARGUMENT_CHARS)
  const rest = shown === args ? '' : ' …'
  return `- ${codeSpan(event.name)}${shown === '' ? '' : ` ${codeSpan(shown)}${rest}`}`
}

export function reasoningText(thinking: string): string {
  const shown = cutHead(thinking.trim(), MAX_REASONING_CHARS)
  if (shown === '') return ''
  const rest = shown === thinking.trim() ? '' : '\n> …'
  return `> ${shown.replaceAll('\n', '\n> ')}${rest}`
}

export function switchedText(kind: ShownKind, isOn: boolean): string {
  const what = kind === 'reasoning' ? 'How I get to an answer' : 'Which tools I use'
  return `${what} is ${isOn ? 'shown here from now on' : 'not shown here any more'}.`
}

export const FILES_GONE_TEXT =
  'Files belonged to this answer. I could not deliver it in time, and they are not kept any more: please ask for them again.'
