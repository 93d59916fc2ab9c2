/** Which runner an exec was given to, remembered before it is given: a resumed run asks only there. */
import type { TurnPorts } from '../../gateway/turn.ts'

const PREFIX = 'exec:'
/** Of one session; a run makes at most 25 calls, and runs of a session follow one another. */
const MAX_REMEMBERED = 100

export const storedAssignments = (kv: SyncKvStorage): TurnPorts['assignments'] => ({
  chosen: async (execId) => kv.get<string>(PREFIX + execId) ?? null,
  choose: async (execId, keyId) => {
    const known = [...kv.list({ prefix: PREFIX })]
    for (const [key] of known.slice(0, Math.max(0, known.length - MAX_REMEMBERED))) kv.delete(key)
    kv.put(PREFIX + execId, keyId)
  },
})
