/** A session's first command where nothing is prepared, beside the engine's own and other sandboxes. */
import { engine } from '../../runner/runner-process.ts'
import { engineRun } from './engine-floor.ts'
import { findPeers } from './peers.ts'
import { POOL_VARIABLE, type Run } from './run.ts'
import { type Subject, takeTurns } from './turns.ts'
import type { Measured } from './verdict.ts'
import { clear, openWireSession } from './wire-session.ts'

const GVISOR = 'runsc'

export async function measureCold(run: Run): Promise<ReadonlyMap<string, Measured>> {
  run.progress('cold: starting a runner')
  const runner = await run.startRunner({ [POOL_VARIABLE]: '0' })
  const miss: Subject = {
    id: 'wire-miss',
    sample: () => openWireSession(runner, 'rw').exec('true'),
    settle: () => clear(runner),
  }
  const { Runtimes } = await engine.info()
  const hasGvisor = typeof Runtimes === 'object' && Runtimes !== null && GVISOR in Runtimes
  const { subjects, missing } = findPeers()
  const all = [
    engineRun(run, 'engine-run'),
    miss,
    ...subjects,
    ...(hasGvisor ? [engineRun(run, 'runsc', GVISOR)] : []),
  ]
  const samples = await takeTurns(all, run.size.cold, (done, of) =>
    run.progress(`cold: round ${done + 1} of ${of}`),
  )
  await runner.stop()
  return new Map<string, Measured>([
    ...[...missing].map(([id, note]) => [id, { samples: [], note }] as const),
    ...(hasGvisor ? [] : [['runsc', { samples: [], note: 'no runtime of the engine' }] as const]),
    ...[...samples].map(([id, taken]) => [id, { samples: taken }] as const),
  ])
}
