/** Whose a container is: a runner removes what an earlier process of its own has left, and nothing else. */
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'

/** One installation: the runner's id with its state folder, which has to be there. */
export const runnerOwner = (audience: string, state: string): string =>
  createHash('sha256')
    .update(JSON.stringify([audience, realpathSync(state)]))
    .digest('hex')
    .slice(0, 32)
