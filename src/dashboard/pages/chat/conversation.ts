/**
 * A conversation as one value: the history that was read, the runs that were followed, and what is on
 * its way out. Pure: each change answers the next value; nothing is asked or waited for here.
 *
 * Events are numbered. One that was seen is dropped; while it is asked what was missed, those that
 * come are held, and then all are taken in their order, so that no text is lost or repeated.
 */
import { objectOf, textOf } from '../../client/json.ts'
import { type Fields, type Part, partsOf } from './parts.ts'
import { beginRun, injectInto, type Run, stepRun } from './run.ts'
import { historyBefore, settleRuns } from './settle.ts'

export interface SessionEvent {
  readonly seq: number
  readonly type: string
  readonly runId: string
  readonly origin: string | null
  readonly payload: Fields
}

export interface Outgoing {
  /** Its idempotency key. */
  readonly key: string
  readonly text: string
  readonly state: 'sending' | 'injected' | 'failed'
  readonly because: string | null
}

export interface Conversation {
  readonly sessionKey: string
  /** `absent`: nobody has said anything under this key. */
  readonly state: 'loading' | 'open' | 'absent' | 'failed'
  readonly error: unknown
  /** As the gateway shows them, up to the first run that is drawn by itself. */
  readonly messages: readonly Fields[]
  readonly history: readonly Part[]
  /** Where the page before begins; null at the beginning. */
  readonly nextBefore: number | null
  readonly runs: readonly Run[]
  readonly outgoing: readonly Outgoing[]
  readonly lastSeq: number
  /** Null when events are taken as they come. */
  readonly held: readonly SessionEvent[] | null
}

export const openConversation = (sessionKey: string): Conversation => ({
  sessionKey,
  state: 'loading',
  error: null,
  messages: [],
  history: [],
  nextBefore: null,
  runs: [],
  outgoing: [],
  lastSeq: 0,
  held: [],
})

/** An `agent` event of this session; null for all others. */
export function eventOf(sessionKey: string, payload: unknown, seq?: number): SessionEvent | null {
  const fields = objectOf(payload)
  if (seq === undefined || fields['sessionKey'] !== sessionKey) return null
  return {
    seq,
    type: textOf(fields['type']),
    runId: textOf(fields['runId']),
    origin: textOf(fields['runKind']) || null,
    payload: objectOf(fields['payload']),
  }
}

export const runningOf = ({ runs }: Conversation): Run | null => {
  const last = runs.at(-1)
  return last && last.end === null ? last : null
}

/** The message that a run began with is no longer on its way. */
function taken(outgoing: readonly Outgoing[], message: string): readonly Outgoing[] {
  const same = outgoing.findIndex(
    ({ text, state }) => state !== 'failed' && text.trim() === message.trim(),
  )
  return same < 0 ? outgoing : outgoing.toSpliced(same, 1)
}

const isNotJoined = ({ state }: Outgoing): boolean => state !== 'injected'

const join = (run: Run, outgoing: readonly Outgoing[]): Run =>
  outgoing
    .filter(({ state }) => state === 'injected')
    .reduce((joined, { text }) => injectInto(joined, text), run)

function take(conversation: Conversation, event: SessionEvent): Conversation {
  if (event.seq <= conversation.lastSeq) return conversation
  const seen: Conversation = { ...conversation, state: 'open', lastSeq: event.seq }
  const { type, runId, payload, origin } = event
  if (type === 'run.started') {
    if (seen.runs.some(({ id }) => id === runId)) return seen
    const message = textOf(payload['message'])
    const rest = taken(seen.outgoing, message)
    // Words that came too late for the run before begin this one, all of them together.
    const run = join(beginRun(runId, message, origin), rest)
    return { ...seen, runs: [...seen.runs, run], outgoing: rest.filter(isNotJoined) }
  }
  const at = seen.runs.findIndex(({ id }) => id === runId)
  // Its beginning was before the conversation was opened: the history has it.
  const run = seen.runs[at]
  if (run === undefined) return seen
  if (type === 'activity' && payload['phase'] === 'injected_message') {
    const index = seen.outgoing.findIndex(({ state }) => state !== 'failed')
    const injected = injectInto(run, seen.outgoing[index]?.text ?? null)
    const outgoing = index < 0 ? seen.outgoing : seen.outgoing.toSpliced(index, 1)
    return { ...seen, outgoing, runs: seen.runs.with(at, injected) }
  }
  const next = stepRun(run, type, payload)
  if (next.end === null || next.end.kind === 'completed')
    return { ...seen, runs: seen.runs.with(at, next) }
  // What waited for a run that was stopped stays in the history, and begins no other.
  const ended = join(next, seen.outgoing)
  return { ...seen, runs: seen.runs.with(at, ended), outgoing: seen.outgoing.filter(isNotJoined) }
}

export function hear(conversation: Conversation, event: SessionEvent): Conversation {
  if (conversation.held === null) return take(conversation, event)
  return { ...conversation, held: [...conversation.held, event] }
}

/** From now on events are held: something may have been missed. */
export const hold = (conversation: Conversation): Conversation =>
  conversation.held === null ? { ...conversation, held: [] } : conversation

/** What was missed is there: everything that was held is taken, in its order. */
export function release(conversation: Conversation, lastSeq: number): Conversation {
  const held = (conversation.held ?? []).toSorted((a, b) => a.seq - b.seq)
  const before = conversation.runs
  const next = held.reduce(take, { ...conversation, held: null })
  // Pieces of a run that ended meanwhile are not kept by the gateway: the history has them whole.
  const runs = next.runs.map((run) => {
    const was = before.find(({ id }) => id === run.id)
    const hasEnded = run.end !== null && was?.end === null
    return hasEnded ? { ...run, isPatchy: true } : run
  })
  return { ...next, runs, lastSeq: Math.max(next.lastSeq, lastSeq) }
}

export interface Page {
  readonly messages: readonly Fields[]
  readonly nextBefore: number | null
}

/**
 * History parts are named by their moments, and where those are the same by their order, counted from
 * the newest: a page that comes before them changes no name.
 */
function historyParts(messages: readonly Fields[]): readonly Part[] {
  const counts = new Map<string, number>()
  const names = new Map<Fields, string>()
  for (const message of messages.toReversed()) {
    const moment = `${textOf(message['created_at'])}:${textOf(message['role'])}`
    const count = counts.get(moment) ?? 0
    counts.set(moment, count + 1)
    names.set(message, `${moment}:${count}`)
  }
  return partsOf(messages, (message, _, kind) => `${names.get(message)}:${kind}`)
}

/** The newest page, read after the events of the run in progress were released. */
export function withHistory(conversation: Conversation, page: Page): Conversation {
  const messages = historyBefore(page.messages, conversation.runs)
  const history = historyParts(messages)
  const { nextBefore } = page
  return { ...conversation, state: 'open', error: null, messages, history, nextBefore }
}

/** What did not change stays the same object, and is not drawn anew. */
function sameAsBefore(parts: readonly Part[], before: readonly Part[]): readonly Part[] {
  const known = new Map(before.map((part) => [part.key, part]))
  return parts.map((part) => {
    const was = known.get(part.key)
    return was !== undefined && isSame(was, part) ? was : part
  })
}

/** What a call was made with is the very object that the gateway's answer held. */
const isSame = (was: Part, part: Part): boolean =>
  was.kind === 'tool' && part.kind === 'tool'
    ? was.arguments === part.arguments && was.result === part.result
    : was.kind === part.kind && 'text' in was && 'text' in part && was.text === part.text

/** A page may end between a call and its result: the parts are made of all that is there. */
export function withEarlier(conversation: Conversation, page: Page): Conversation {
  const messages = [...page.messages, ...conversation.messages]
  const history = sameAsBefore(historyParts(messages), conversation.history)
  return { ...conversation, messages, history, nextBefore: page.nextBefore }
}

/** Ended runs of which something is missing, made whole by the newest page. */
export const withSettled = (conversation: Conversation, page: Page): Conversation => ({
  ...conversation,
  runs: settleRuns(conversation.runs, page.messages),
})

export const needsSettling = ({ runs }: Conversation): boolean =>
  runs.some(({ isPatchy, end }) => isPatchy && end !== null)

export const sending = (conversation: Conversation, key: string, text: string): Conversation => ({
  ...conversation,
  outgoing: [...conversation.outgoing, { key, text, state: 'sending', because: null }],
})

/** The answer of `chat.send`; what became a run is gone from the outgoing already. */
export const sent = (conversation: Conversation, key: string, answer: Fields): Conversation => ({
  ...conversation,
  outgoing: conversation.outgoing.flatMap((each): readonly Outgoing[] => {
    if (each.key !== key) return [each]
    return answer['injected'] === true ? [{ ...each, state: 'injected' }] : []
  }),
})

export const refused = (
  conversation: Conversation,
  key: string,
  because: string,
): Conversation => ({
  ...conversation,
  outgoing: conversation.outgoing.map((each) =>
    each.key === key ? { ...each, state: 'failed', because } : each,
  ),
})

export const withdrawn = (conversation: Conversation, key: string): Conversation => ({
  ...conversation,
  outgoing: conversation.outgoing.filter((each) => each.key !== key),
})
