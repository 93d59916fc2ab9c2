/**
 * What a client that follows a session by its events knows of it. Pure: events in any number of
 * portions, each applied once, must come to the same view for everybody.
 */
import type { EventFrame } from '../../src/cli/client.ts'

export interface CallView {
  readonly id: string
  readonly name: string
  readonly result: string | null
  readonly isError: boolean
}

export type Outcome =
  | { readonly kind: 'completed'; readonly content: string }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'cancelled' }

export interface RunView {
  readonly runId: string
  readonly message: string
  readonly calls: readonly CallView[]
  /** Text of the step in progress: what is said since the last retry, tool call or injected message. */
  readonly draft: string
  readonly outcome: Outcome | null
}

/** Runs in the order of their start. */
export type SessionView = ReadonlyMap<string, RunView>

interface AgentPayload {
  readonly type: string
  readonly runId: string
  readonly sessionKey: string
  readonly payload: Readonly<Record<string, unknown>>
}

export function agentPayload(frame: EventFrame): AgentPayload | null {
  return frame.event === 'agent' ? (frame.payload as AgentPayload) : null
}

function stepped(run: RunView, { type, payload }: AgentPayload): RunView {
  const text = (name: string): string => String(payload[name] ?? '')
  switch (type) {
    case 'chunk':
      return { ...run, draft: run.draft + text('content') }
    case 'run.retrying':
      return { ...run, draft: '' }
    case 'activity':
      // Words that came in after an answer: what is said from here on answers them.
      return text('phase') === 'injected_message' ? { ...run, draft: '' } : run
    case 'tool.call': {
      const call = { id: text('id'), name: text('name'), result: null, isError: false }
      return { ...run, draft: '', calls: [...run.calls, call] }
    }
    case 'tool.result': {
      const result = { result: text('result'), isError: payload['is_error'] === true }
      // A call that was refused or cancelled before it began has a result alone.
      const isKnown = run.calls.some(({ id }) => id === text('id'))
      const calls = isKnown
        ? run.calls.map((call) => (call.id === text('id') ? { ...call, ...result } : call))
        : [...run.calls, { id: text('id'), name: text('name'), ...result }]
      return { ...run, draft: '', calls }
    }
    case 'run.completed':
      return { ...run, outcome: { kind: 'completed', content: text('content') } }
    case 'run.failed':
      return { ...run, outcome: { kind: 'failed', error: text('error') } }
    case 'run.cancelled':
      return { ...run, outcome: { kind: 'cancelled' } }
    default:
      return run
  }
}

/** @throws when the event contradicts what was told before */
export function applyEvent(view: SessionView, event: AgentPayload): SessionView {
  const { runId, type, payload } = event
  const known = view.get(runId)
  if (type === 'run.started') {
    if (known) throw new Error(`${runId} was started twice`)
    const message = String(payload['message'])
    return new Map(view).set(runId, { runId, message, calls: [], draft: '', outcome: null })
  }
  if (!known) throw new Error(`${type} of ${runId} came before its run.started`)
  if (known.outcome) throw new Error(`${type} of ${runId} came after its end`)
  return new Map(view).set(runId, stepped(known, event))
}

/** Without drafts: those of ended runs are told by `run.completed`, and dropped from the log. */
export const settled = (view: SessionView): readonly Omit<RunView, 'draft'>[] =>
  [...view.values()].map(({ draft: _draft, ...run }) => run)
