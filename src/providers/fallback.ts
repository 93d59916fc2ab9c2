/**
 * A model with others behind it: when one fails in a way that may pass, before its first word, the
 * next is asked. One that failed is asked last for a while. That is a hint, not a rule: every one of
 * them is still asked when the others fail, so that a forgotten hint costs a try and nothing else.
 */
import { NO_USAGE } from '../domain/message.ts'
import type { ModelEvent, ModelFailure, ModelPort, ModelRequest } from '../domain/model.ts'
import type { Result } from '../domain/result.ts'
import type { SpendingModel } from '../domain/usage.ts'

/** Long enough for a vendor's bad minute; its own word on that counts up to the longest. */
export const COOL_DOWN_MS = 60_000
const MAX_COOL_DOWN_MS = 10 * 60_000
/** Of one isolate; the oldest hints leave. */
const MAX_HINTS = 1_000

/** When a provider may be asked first again. */
export class CoolDowns {
  readonly #until = new Map<string, number>()

  note(key: string, failure: ModelFailure, now: number): void {
    const ms = Math.min(MAX_COOL_DOWN_MS, Math.max(COOL_DOWN_MS, failure.retryAfterMs ?? 0))
    this.#until.delete(key)
    this.#until.set(key, now + ms)
    const [oldest] = this.#until.keys()
    if (this.#until.size > MAX_HINTS && oldest !== undefined) this.#until.delete(oldest)
  }

  clear(key: string): void {
    this.#until.delete(key)
  }

  isCooling(key: string, now: number): boolean {
    const until = this.#until.get(key)
    if (until === undefined) return false
    if (until > now) return true
    this.#until.delete(key)
    return false
  }
}

export interface Candidate {
  readonly model: SpendingModel
  /** Names the provider among all tenants of the isolate. */
  readonly coolDownKey: string
  /** Opened when it is asked: most runs need the first alone. */
  open(): Promise<Result<ModelPort, string>>
}

export interface FallbackOptions {
  readonly coolDowns: CoolDowns
  readonly now: () => number
  /** Called when another than the first is asked. */
  readonly onFallback?: (model: SpendingModel) => void
}

type Failed = Extract<ModelEvent, { type: 'error' }>

const isRetryableError = (event: ModelEvent): event is Failed =>
  event.type === 'error' && event.failure.isRetryable

/** Its last event says who answered; what others cost before is told as soon as they have failed. */
export function withFallbacks(
  candidates: readonly Candidate[],
  { coolDowns, now, onFallback }: FallbackOptions,
): ModelPort {
  const inTurn = (): readonly Candidate[] => {
    const cooling = candidates.filter(({ coolDownKey }) => coolDowns.isCooling(coolDownKey, now()))
    return [...candidates.filter((candidate) => !cooling.includes(candidate)), ...cooling]
  }

  async function* ask(
    { model, coolDownKey }: Candidate,
    port: ModelPort,
    request: ModelRequest,
    signal: AbortSignal,
    mayGoOn: boolean,
  ): AsyncGenerator<ModelEvent, Failed | null> {
    let hasSpoken = false
    for await (const event of port.stream({ ...request, model: model.name }, signal)) {
      if (!hasSpoken && isRetryableError(event)) {
        coolDowns.note(coolDownKey, event.failure, now())
        if (mayGoOn && !signal.aborted) {
          if (event.usage === undefined) return { ...event, model }
          yield { type: 'in_vain', usage: event.usage, model }
          // Were it left out it might be estimated, and be counted twice.
          return { ...event, usage: NO_USAGE, model }
        }
      }
      hasSpoken = true
      if (event.type === 'finish') coolDowns.clear(coolDownKey)
      yield event.type === 'finish' || event.type === 'error' ? { ...event, model } : event
    }
    return null
  }

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const order = inTurn()
    let failed: Failed | null = null
    let unopened: Failed | null = null
    for (const [index, candidate] of order.entries()) {
      const port = await candidate.open()
      if (!port.ok) {
        const failure = {
          kind: 'invalid_request',
          message: port.error,
          isRetryable: false,
        } as const
        unopened ??= { type: 'error', failure, model: candidate.model }
        continue
      }
      if (candidate !== candidates[0]) onFallback?.(candidate.model)
      yield { type: 'asked', model: candidate.model }
      const mayGoOn = index < order.length - 1
      const ending = yield* ask(candidate, port.value, request, signal, mayGoOn)
      if (ending === null) return
      failed ??= ending
    }
    const last = failed ?? unopened
    if (last) yield last
  }
  return { stream }
}
