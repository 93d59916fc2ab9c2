/** Waits for the end of a run in another conversation: no longer than asked, and not once it is aborted. */
import type { Conversation } from '../domain/ports/session.ts'
import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { isTerminal, type RunEvent, type RunResult, resultOfTerminal } from '../domain/run-event.ts'
import { readLines } from '../protocol/ndjson.ts'

/** The object that runs it may go and come again; asking once more takes the run up. */
const MAX_ATTEMPTS = 3

export type Followed = RunResult | 'still_running'

/** @param converse asks for the run's events; each time for the same run */
export async function followRun(
  converse: () => Promise<Result<Conversation, Refusal>>,
  waitMs: number,
  signal: AbortSignal,
): Promise<Result<Followed, Refusal>> {
  const left = Promise.withResolvers<'still_running'>()
  const leave = (): void => left.resolve('still_running')
  const timer = setTimeout(leave, waitMs)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    for (let attempt = 1; ; attempt++) {
      const conversation = await converse()
      if (!conversation.ok) return err(conversation.error)
      const lines = readLines(conversation.value.events)
      const ended = await Promise.race([endIn(lines), left.promise])
      if (ended === 'still_running') {
        void lines.return().catch(() => undefined)
        return ok(ended)
      }
      if (ended !== null) return ok(ended)
      if (attempt >= MAX_ATTEMPTS) return ok('still_running')
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}

/** Null when the stream broke off before the run had ended. */
async function endIn(lines: AsyncIterable<string>): Promise<RunResult | null> {
  try {
    for await (const line of lines) {
      const event = JSON.parse(line) as RunEvent
      if (isTerminal(event)) return resultOfTerminal(event)
    }
  } catch {
    return null
  }
  return null
}
