/** Which runner an exec was given to, remembered before it is given: a resumed run asks only there. */
import type { TurnPorts } from '../../gateway/turn.ts'

const PREFIX = 'exec:'
/** Of one session; a run makes at most 25 calls, and runs of a session follow one another. */
const MAX_REMEMBERED = 100

interface Assignment {
  readonly keyId: string
  readonly at: number
}

export const storedAssignments = (
  kv: SyncKvStorage,
  now: () => number,
): TurnPorts['assignments'] => ({
  chosen: async (execId) => kv.get<Assignment>(PREFIX + execId)?.keyId ?? null,
  choose: async (execId, keyId) => {
    kv.put<Assignment>(PREFIX + execId, { keyId, at: now() })
    const newestFirst = [...kv.list<Assignment>({ prefix: PREFIX })].sort(
      ([, a], [, b]) => b.at - a.at,
    )
    for (const [key] of newestFirst.slice(MAX_REMEMBERED)) kv.delete(key)
  },
})
