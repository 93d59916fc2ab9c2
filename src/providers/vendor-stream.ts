/**
 * One vendor call as a stream of model events: opens the vendor's answer, watches its time, translates
 * its parts. Nothing is thrown out of it: it ends with exactly one `finish` or `error`.
 */
import type { Fetch, ModelEvent, ModelFailure, ModelPort, ModelRequest } from '../domain/model.ts'
import { abortedFailure, type FailureContext, failureFromError, timeoutFailure } from './failure.ts'
import type { StreamPart } from './language-model.ts'
import type { ModelTimeouts } from './limits.ts'
import { createPartTranslator } from './stream-parts.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

export interface VendorCall {
  readonly request: ModelRequest
  readonly fetch: Fetch
  readonly signal: AbortSignal
  /** To be called whenever bytes of the answer arrive. */
  readonly onBytes: () => void
}

export interface VendorAnswer {
  readonly contentType: string
  /** The next parts, as many as one read of the wire held; null at the end. */
  next(): Promise<readonly StreamPart[] | null>
}

export interface Vendor {
  /** Rejects when the vendor refuses; resolves when its answer begins. */
  open(call: VendorCall): Promise<VendorAnswer>
}

export interface VendorModelOptions {
  readonly fetch: Fetch
  readonly timeouts: ModelTimeouts
  readonly context: FailureContext
}

const isLast = (event: ModelEvent): boolean => event.type === 'finish' || event.type === 'error'

function endedBy(watchdog: Watchdog): ModelFailure | null {
  const verdict = watchdog.verdict()
  if (verdict === null) return null
  return verdict === 'aborted' ? abortedFailure() : timeoutFailure(verdict)
}

/** What stands behind the last event is a line or two; a vendor that keeps talking is hung up on. */
const MAX_TRAILING_READS = 4
const TRAILING_WAIT_MS = 50

async function readToEnd({ next }: VendorAnswer): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const tooLate = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), TRAILING_WAIT_MS)
  })
  try {
    for (let reads = 0; reads < MAX_TRAILING_READS; reads++) {
      const parts = await Promise.race([next(), tooLate])
      if (parts === null) return true
      if (parts === 'late') return false
    }
    return false
  } catch {
    return false
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
}

export function createVendorModel(vendor: Vendor, options: VendorModelOptions): ModelPort {
  const { fetch, timeouts, context } = options

  async function* stream(request: ModelRequest, caller: AbortSignal): AsyncGenerator<ModelEvent> {
    const watchdog = createWatchdog(timeouts, caller)
    const { signal, touch } = watchdog
    let answer: VendorAnswer | null = null
    let isFinished = false
    try {
      const call = { request, fetch, signal, onBytes: touch }
      answer = await watchdog.wait(() => vendor.open(call))
      const { next, contentType } = answer
      const translator = createPartTranslator(contentType, context)
      for (;;) {
        const parts = await watchdog.wait(() => next())
        for (const event of parts?.flatMap(translator.translate) ?? translator.end()) {
          isFinished = event.type === 'finish'
          yield event
          if (isLast(event)) return
        }
      }
    } catch (error) {
      const failure = endedBy(watchdog) ?? failureFromError(error, answer !== null, context)
      yield { type: 'error', failure }
    } finally {
      // A connection whose answer was not read to its end is closed, and the next call opens another.
      const isComplete = isFinished && answer !== null && (await readToEnd(answer))
      // Also when the consumer walks away: the vendor stops generating what nobody reads.
      watchdog.stop(isComplete)
    }
  }
  return { stream }
}
