/** The memory flush of one run: closed where a human would have to be asked, bounded in time, logged. */
import { createMemoryFlush, type MemoryFlushParts } from '../agent/memory-flush.ts'
import type { LoopPorts } from '../agent/ports.ts'
import { logError } from '../telemetry/log.ts'
import type { CallLive } from './call-live.ts'
import { createRunRights } from './run-rights.ts'
import type { TurnRequest } from './turn-request.ts'

/** The person waits for their answer meanwhile. */
const FLUSH_TIMEOUT_MS = 60_000

export interface FlushParts extends Omit<MemoryFlushParts, 'signal' | 'keyPrefix'> {
  readonly request: TurnRequest
  live(): CallLive
}

export function flushMemoryOf(parts: FlushParts): NonNullable<LoopPorts['flushMemory']> {
  const { request, live, ...flush } = parts
  const rights = createRunRights(request)
  let round = 0
  return async (leaving, stop) => {
    // Nobody should be asked about calls that nobody sees.
    if (rights.settings(live()).autonomy !== 'full') return
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(), FLUSH_TIMEOUT_MS)
    const signal = AbortSignal.any([request.signal, timeout.signal])
    // Unlike any key of the journal's: those begin with the run's id.
    const keyPrefix = `flush.${request.runId}.${++round}`
    try {
      await createMemoryFlush({ ...flush, signal, keyPrefix })(leaving, stop)
    } catch (error) {
      logError('memory.flush_failed', error, { runId: request.runId })
    } finally {
      clearTimeout(timer)
    }
  }
}
