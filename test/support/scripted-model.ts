/** A model that says what its script says. It notes every request that it was sent. */
import { type Message, NO_USAGE, type ToolCall, type Usage } from '../../src/domain/message.ts'
import type {
  FinishReason,
  ModelEvent,
  ModelFailure,
  ModelPort,
  ModelRequest,
} from '../../src/domain/model.ts'

const usageOf = (tokens: number): Usage => ({
  ...NO_USAGE,
  promptTokens: tokens,
  completionTokens: tokens,
})

export const CALL_USAGE = usageOf(1)

const finish = (reason: FinishReason): ModelEvent => ({ type: 'finish', reason, usage: CALL_USAGE })

export const says = (...deltas: readonly string[]): readonly ModelEvent[] => [
  ...deltas.map((delta) => ({ type: 'text' as const, delta })),
  finish('stop'),
]

export const asksFor = (...calls: readonly ToolCall[]): readonly ModelEvent[] => [
  ...calls.map((call) => ({ type: 'tool_call' as const, ...call })),
  finish('tool_calls'),
]

export const fails = (
  kind: ModelFailure['kind'],
  message = `the model failed: ${kind}`,
): readonly ModelEvent[] => [
  { type: 'error', failure: { kind, message, isRetryable: kind !== 'aborted' } },
]

/** In place of an event: the stream stays open until the call is aborted. */
export const HANGS = Symbol('hangs')
export type ScriptedEvent = ModelEvent | typeof HANGS

/** @param turn how often the model had spoken before in this transcript */
export type Script = (turn: number, request: ModelRequest) => readonly ScriptedEvent[]

export const inOrder =
  (...turns: readonly (readonly ScriptedEvent[])[]): Script =>
  (turn) =>
    turns[turn] ?? says(`unscripted turn ${turn}`)

const turnsIn = (messages: readonly Message[]): number =>
  messages.filter(({ role }) => role === 'assistant').length

export class ScriptedModel implements ModelPort {
  readonly requests: ModelRequest[] = []
  readonly #script: Script
  readonly #onHang: () => void

  constructor(script: Script, onHang: () => void = () => undefined) {
    this.#script = script
    this.#onHang = onHang
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    this.requests.push(request)
    for (const event of this.#script(turnsIn(request.messages), request)) {
      if (event === HANGS) {
        this.#onHang()
        await aborted(signal)
      }
      if (signal.aborted) {
        yield* fails('aborted')
        return
      }
      if (event !== HANGS) yield event
    }
  }
}

/** Resolves once the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
