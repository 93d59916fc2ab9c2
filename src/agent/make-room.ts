/**
 * Makes room in the model's window before it is asked. Each step is one write of the journal that
 * changes what the model sees from there on: a crash before it loses the summariser's answer, one
 * after it nothing. Where a step fails the run goes on, and the oldest turns leave instead.
 */
import type { ModelFailure } from '../domain/model.ts'
import { type Condensed, contextBudget, planStep, type Shortener, type Step } from './compaction.ts'
import { estimateText } from './context-window.ts'
import type { CondensePort, LoopPorts } from './ports.ts'
import { renderEarlier, renderWhatFits, SUMMARISER_PROMPT, shortened } from './summary.ts'
import { meteredThink } from './think.ts'

export interface RoomInput {
  readonly model: string
  readonly windowTokens: number
  readonly reservedTokens: number
  readonly signal: AbortSignal
  /** Asked for by hand. */
  readonly isForced?: boolean
}

/** Summaries before one model call; what is left over then leaves as it would without them. */
const MAX_STEPS = 4
/** Of the window, within these bounds: a reasoning model thinks within the same limit. */
const SUMMARY_SHARE = 0.1
const MIN_SUMMARY_TOKENS = 256
const MAX_SUMMARY_TOKENS = 4_096
/** Around the record: the markers and what says that it is one. */
const FRAME_TOKENS = 256

export type RoomMade =
  | { readonly kind: 'made' }
  /** Nothing more of it in this life of the run: it would fail again. */
  | { readonly kind: 'given_up'; readonly failure: ModelFailure | null }

export const summaryTokensOf = (windowTokens: number): number =>
  Math.max(
    MIN_SUMMARY_TOKENS,
    Math.min(MAX_SUMMARY_TOKENS, Math.floor(windowTokens * SUMMARY_SHARE)),
  )

export async function makeRoom(
  input: RoomInput,
  ports: LoopPorts,
  shortener: Shortener,
): Promise<RoomMade> {
  const { condense } = ports
  if (condense === undefined) return { kind: 'made' }
  const budget = contextBudget(input.windowTokens, input.reservedTokens)
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const condensed = ports.journal.condensed()
    const isForced = input.isForced === true && steps === 0
    const step = planStep(ports.journal.transcript(), condensed, budget, shortener, isForced)
    if (step.kind === 'none') return { kind: 'made' }
    if (step.kind === 'shorten') {
      ports.journal.condense({ ...condensed, shortTo: step.shortTo })
      continue
    }
    const isAllowed = (await ports.checkRights()).ok && ports.checkBudget().ok
    // Whoever asks next is told the reason.
    if (!isAllowed) return { kind: 'made' }
    const made = await summarise(step, condensed, input, ports, condense)
    if (made.kind === 'given_up') return made
  }
  return { kind: 'made' }
}

async function summarise(
  { groups, shortTo }: Extract<Step, { kind: 'summarise' }>,
  condensed: Condensed,
  { model, windowTokens, signal }: RoomInput,
  ports: LoopPorts,
  condense: CondensePort,
): Promise<RoomMade> {
  const answerTokens = summaryTokensOf(windowTokens)
  const earlier = condensed.summary === null ? '' : `${renderEarlier(condensed.summary)}\n`
  const room =
    contextBudget(windowTokens, answerTokens) -
    estimateText(SUMMARISER_PROMPT) -
    estimateText(earlier) -
    FRAME_TOKENS
  const { text, groupCount } = renderWhatFits(groups, Math.max(0, Math.floor(room)))
  const record = groups.slice(0, groupCount).flat()
  ports.emit({ type: 'activity', phase: 'compacting', detail: { messages: record.length } })
  // It may be worth keeping word for word. Whoever keeps it says itself when that fails: it costs a
  // memory, and not the run.
  await ports.flushMemory?.(record, signal).catch(() => undefined)
  const request = {
    model,
    system: SUMMARISER_PROMPT,
    messages: [
      { role: 'user' as const, content: condense.asData(`${earlier}${text}`), createdAt: 0 },
    ],
    tools: [],
    maxOutputTokens: answerTokens,
  }
  // Nobody listens: what it says is for the agent, and it calls nothing.
  const stream = ports.model.stream(request, signal)
  const thought = await meteredThink(
    stream,
    request,
    () => undefined,
    (...spent) => ports.journal.addUsage(...spent),
  )
  const summary = thought.content.trim()
  const isUsable =
    thought.kind === 'message' && thought.reason !== 'content_filter' && summary !== ''
  if (!isUsable) {
    ports.journal.addUsage(thought.usage, thought.model)
    return { kind: 'given_up', failure: thought.kind === 'failed' ? thought.failure : null }
  }
  const { text: presented, isUntrusted } = condense.present(cutTo(summary, answerTokens), record)
  const from = condensed.from + record.length
  ports.journal.condense(
    {
      summary: presented,
      isUntrusted: isUntrusted || condensed.isUntrusted,
      from,
      shortTo: Math.max(from, shortTo),
    },
    { usage: thought.usage, model: thought.model },
  )
  return { kind: 'made' }
}

/** Vendors do not keep to what they were asked for. */
const cutTo = (summary: string, maxTokens: number): string => {
  const share = maxTokens / estimateText(summary)
  return share >= 1 ? summary : shortened(summary, Math.floor(summary.length * share), 0)
}
