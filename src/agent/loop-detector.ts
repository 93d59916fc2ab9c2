/**
 * Sees a run that goes round in circles: the same call with the same result, two that alternate,
 * looking up without end and without a word. Pure: a run's own messages in, a verdict out, the same
 * after a crash. The model is warned in a tool result before its run is ended.
 */
import type { Message, ToolCall } from '../domain/message.ts'
import type { ToolOutcome } from '../domain/tool.ts'

export type LoopVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'warn'; readonly reason: string }
  | { readonly kind: 'stop'; readonly reason: string }

interface Bounds {
  readonly warnAt: number
  readonly stopAt: number
}

/** The same call with the same result, one after the other. */
const SAME: Bounds = { warnAt: 3, stopAt: 6 }
/** Rounds of two calls that alternate, each with the same result every time. */
const ROUNDS: Bounds = { warnAt: 3, stopAt: 5 }
/** Messages of the model in a row that only look things up and say nothing. */
const SILENT: Bounds = { warnAt: 10, stopAt: 18 }

const NOTICE = '[Notice of the gateway: '
/** Behind everything else of a result, where no text from outside stands. */
const NOTICE_AT_END = /\n\n\[Notice of the gateway: [^\]\n]*\]$/
/** What differs between two results that say the same: marks' ids, and where the whole is kept. */
const CHANGING = / id=ext_[A-Za-z0-9_-]+|tool-results\/[A-Za-z0-9._-]+/g

interface Made {
  readonly name: string
  /** Name, arguments and result. */
  readonly mark: string
}

/** Members in one order: models write the same arguments in several. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)])
}

const sameText = (content: string): string =>
  content.replace(NOTICE_AT_END, '').replace(CHANGING, '')

/** The run's finished calls, in the order in which they were asked for. */
function callsOf(own: readonly Message[]): readonly Made[] {
  const results = new Map(
    own.flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message]] : [])),
  )
  return own.flatMap((message) =>
    message.role !== 'assistant'
      ? []
      : (message.toolCalls ?? []).flatMap(({ id, name, arguments: args }) => {
          const result = results.get(id)
          if (!result) return []
          const what = [name, canonical(args), result.isError, sameText(result.content)]
          return [{ name, mark: JSON.stringify(what) }]
        }),
  )
}

/** How often the last call was made in a row. */
function repeatsAtEnd(calls: readonly Made[]): number {
  const last = calls.at(-1)
  if (!last) return 0
  const other = calls.findLastIndex(({ mark }) => mark !== last.mark)
  return calls.length - 1 - other
}

/** How many rounds of two different calls the run ends with. */
function roundsAtEnd(calls: readonly Made[]): number {
  const [first, second] = calls.slice(-2)
  if (!first || !second || first.mark === second.mark) return 0
  let length = 2
  while (
    length < calls.length &&
    calls.at(-length - 1)?.mark === (length % 2 === 0 ? second.mark : first.mark)
  )
    length++
  return Math.floor(length / 2)
}

/** How many messages at the end ask for look-ups alone, without a word to anybody. */
function silentAtEnd(own: readonly Message[], isReadOnly: (name: string) => boolean): number {
  let count = 0
  for (const message of own.toReversed()) {
    if (message.role === 'tool') continue
    if (message.role === 'user' || message.content.trim() !== '') break
    if (!message.toolCalls?.every(({ name }) => isReadOnly(name))) break
    count++
  }
  return count
}

/** Where the run stands against one of the bounds. */
interface Finding extends Bounds {
  readonly count: number
  readonly reason: string
}

function findingsOf(
  own: readonly Message[],
  isReadOnly: (name: string) => boolean,
): readonly Finding[] {
  const calls = callsOf(own)
  const [before, last] = [calls.at(-2)?.name ?? '', calls.at(-1)?.name ?? '']
  const [same, rounds, silent] = [
    repeatsAtEnd(calls),
    roundsAtEnd(calls),
    silentAtEnd(own, isReadOnly),
  ]
  return [
    {
      ...SAME,
      count: same,
      reason: `the same call of ${last} brought the same result ${same} times in a row`,
    },
    {
      ...ROUNDS,
      count: rounds,
      reason: `calls of ${before} and ${last} alternated ${rounds} times with the same results`,
    },
    {
      ...SILENT,
      count: silent,
      reason: `the run only looked things up, ${silent} times in a row without a word`,
    },
  ]
}

/** Whether the model read a warning before it asked for its last calls. */
function wasWarned(own: readonly Message[]): boolean {
  const last = own.findLastIndex(({ role }) => role === 'assistant')
  return own
    .slice(0, Math.max(0, last))
    .some((message) => message.role === 'tool' && NOTICE_AT_END.test(message.content))
}

/** @param own the run's messages, from the user's on */
export function verdictOf(
  own: readonly Message[],
  isReadOnly: (name: string) => boolean,
): LoopVerdict {
  const findings = findingsOf(own, isReadOnly)
  const over = findings.find(({ count, stopAt }) => count >= stopAt)
  if (over && wasWarned(own)) {
    return { kind: 'stop', reason: `the run was ended because it went in circles: ${over.reason}` }
  }
  const near = over ?? findings.find(({ count, warnAt }) => count >= warnAt)
  return near ? { kind: 'warn', reason: near.reason } : { kind: 'none' }
}

/** The outcome of a call as the model gets it: with a word of warning where it brings the run around again. */
export function withNotice(
  own: readonly Message[],
  call: ToolCall,
  outcome: ToolOutcome,
  isReadOnly: (name: string) => boolean,
): ToolOutcome {
  const { content, isError } = outcome
  const result: Message = {
    role: 'tool',
    toolCallId: call.id,
    name: call.name,
    content,
    isError,
    createdAt: 0,
  }
  const verdict = verdictOf([...own, result], isReadOnly)
  if (verdict.kind === 'none') return outcome
  const words = `${verdict.reason.replaceAll(/[\]\n]/g, ' ')}. Try something else, or answer with what is known; a run that goes on like this is ended.`
  return { ...outcome, content: `${content}\n\n${NOTICE}${words}]` }
}
