/** Ends what a gateway left behind that was killed before it could stop its children. */
import { realpathSync } from 'node:fs'
import { commandLineOf, endProcess, processesWith } from '../processes.ts'
import type { PidName, State } from './state.ts'

/** By which words to know each child, and how long to ask it before it is killed. */
const CHILDREN: readonly { name: PidName; mark: string; graceMs: number }[] = [
  // It keeps nothing in memory that was acknowledged, so there is nothing to wait for.
  { name: 'workerd', mark: 'workerd', graceMs: 0 },
  // It has containers to remove.
  { name: 'runner', mark: 'sandbox-runner/src/main', graceMs: 3_000 },
]

const MARK = 'EDGECLAW_STATE_OF_GATEWAY'

/** What a folder's workerd carries in its environment. */
export const markOf = ({ dir }: Pick<State, 'dir'>): Readonly<Record<string, string>> => ({
  [MARK]: realpathSync(dir),
})

export async function endOrphans(state: State): Promise<void> {
  for (const { name, mark, graceMs } of CHILDREN) {
    const pid = state.readPid(name)
    // The id was written by this folder's last gateway; the command line tells a reused id apart.
    if (pid !== null && commandLineOf(pid).includes(mark)) await endProcess(pid, graceMs)
    state.writePid(name, null)
  }
  // Its id is written down once it answers. A gateway that was killed before that leaves one that
  // holds the port and the databases; whoever has the folder's lock is its only heir.
  for (const [name, value] of Object.entries(markOf(state))) {
    for (const pid of processesWith(`${name}=${value}`)) await endProcess(pid, 0)
  }
}
