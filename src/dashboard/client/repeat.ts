/**
 * When what was refused is asked for again, and how often. Whoever asks the gateway repeats what was refused
 * for its pace; queries repeat all else that may be worth it, so that nothing is repeated by both.
 */
import { codeOf, Refused } from './refusal.ts'

const MAX_REPEATS = 5
const STEP_MS = 250
/** Whoever has to wait for longer is told so, and asks again when they like. */
const LONGEST_WAIT_MS = 10_000

/** @returns how long to wait before it is asked again; null: it is not, for the gateway does not call it worth it. */
export function repeatAfterMs(error: unknown, failures: number): number | null {
  if (!(error instanceof Refused) || error.refusal.retryable !== true) return null
  const { retryAfterMs = 1_000 } = error.refusal
  if (failures >= MAX_REPEATS || retryAfterMs > LONGEST_WAIT_MS) return null
  // What a page asks for at once is refused at once: each time a little later than the gateway says.
  return retryAfterMs + STEP_MS * (2 ** failures - 1)
}

/** Refused for its pace alone, hence not begun: a change may be asked for again as well. */
const isPaced = (error: unknown): boolean => codeOf(error) === 'RESOURCE_EXHAUSTED'

/**
 * What was refused for its pace alone is asked for again, when the gateway says so.
 *
 * @throws what `ask` throws, or why the signal was aborted while it waited
 */
export async function paced<Answer>(
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let failures = 0; ; failures++) {
    try {
      return await ask()
    } catch (error) {
      const waitMs = isPaced(error) ? repeatAfterMs(error, failures) : null
      if (waitMs === null) throw error
      await pause(waitMs, signal)
    }
  }
}

/** Of a query, whose question was `paced` already. */
export const repeatsQuery = (failures: number, error: unknown): boolean =>
  !isPaced(error) && repeatAfterMs(error, failures) !== null

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abandon = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abandon)
      resolve()
    }, ms)
    signal.addEventListener('abort', abandon, { once: true })
  })
}
