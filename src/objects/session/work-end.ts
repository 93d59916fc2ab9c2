/** Ends all that a session is doing, before its tables go. */
import type { Refusal } from '../../domain/refusal.ts'
import type { Result } from '../../domain/result.ts'
import type { Background } from './background.ts'

/** A loop that was aborted, or work whose run was stopped, writes nothing for longer than that. */
export const LOOP_END_MS = 10_000

export interface WorkEndParts<Owned> {
  /** The loops of runs: one that was told to end may still be on its way. */
  readonly loops: Background
  readonly background: Background
  stop(): void
  /** Asked anew after every wait: meanwhile the session may have gone to somebody else. */
  own(): Promise<Result<Owned, Refusal>>
}

/** @returns whose it is, once nothing of it writes any more */
export async function endWork<Owned>({
  loops,
  background,
  stop,
  own,
}: WorkEndParts<Owned>): Promise<Result<Owned, Refusal>> {
  let owned = await own()
  while (owned.ok) {
    stop()
    // A model that was hung up on has cost something: it is told while there are books.
    await loops.settledWithin(LOOP_END_MS)
    if (background.isIdle) break
    await background.settled()
    owned = await own()
  }
  return owned
}
