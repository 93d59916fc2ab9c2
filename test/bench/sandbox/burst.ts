/**
 * Many sessions whose first commands come at once: with as many sandboxes prepared, and with none.
 * Each burst has a runner of its own, so that none inherits what another left.
 */
import { engineRun } from './engine-floor.ts'
import { AT_ONCE } from './rows.ts'
import { POOL_VARIABLE, type Run } from './run.ts'
import type { Measured } from './verdict.ts'
import { atRest, openWireSession } from './wire-session.ts'

/** A runner that has compiled what it runs; no session of these comes again. */
const WARM_UP_EXECS = 5
/** A pool that has not grown for so long is as full as it gets. */
const POOL_QUIET_MS = 2_000

interface Burst {
  readonly samples: readonly number[]
  readonly failures: readonly string[]
}

interface KeptBurst extends Burst {
  /** Sandboxes of the runner before it began. */
  readonly kept: number
}

async function atOnce(starts: readonly (() => Promise<number>)[]): Promise<Burst> {
  const results = await Promise.allSettled(starts.map((start) => start()))
  return {
    samples: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    failures: results.flatMap((result) =>
      result.status === 'rejected' ? [String(result.reason)] : [],
    ),
  }
}

async function burstAtRunner(run: Run, pool: number): Promise<KeptBurst> {
  const runner = await run.startRunner({ [POOL_VARIABLE]: String(pool) })
  const early = openWireSession(runner, 'rw')
  for (let i = 0; i < WARM_UP_EXECS; i++) await early.exec('true')
  const kept = await atRest(runner, pool === 0 ? undefined : POOL_QUIET_MS)
  const starts = await Promise.all(
    Array.from({ length: AT_ONCE }, () => openWireSession(runner, 'rw').prepare('true')),
  )
  const burst = await atOnce(starts)
  await runner.stop()
  return { ...burst, kept }
}

export async function measureBursts(run: Run): Promise<ReadonlyMap<string, Measured>> {
  const bare = engineRun(run, 'engine-burst')
  const floor: number[] = []
  const ready: KeptBurst[] = []
  const cold: Burst[] = []
  for (let round = 0; round < run.size.bursts; round++) {
    run.progress(`${AT_ONCE} at once: round ${round + 1} of ${run.size.bursts}`)
    const burst = await atOnce(Array.from({ length: AT_ONCE }, () => bare.sample))
    await bare.settle()
    const [failure] = burst.failures
    if (failure !== undefined) throw new Error(failure)
    floor.push(...burst.samples)
    cold.push(await burstAtRunner(run, 0))
    ready.push(await burstAtRunner(run, AT_ONCE))
  }
  const kept = Math.min(...ready.map((burst) => burst.kept))
  const together = (bursts: readonly Burst[], note: string): Measured => {
    const failures = bursts.flatMap((burst) => burst.failures)
    const why = failures[0] === undefined ? [] : [failures[0].slice(0, 200)]
    return {
      samples: bursts.flatMap(({ samples }) => samples),
      failed: failures.length,
      note: [...(note === '' ? [] : [note]), ...why].join('; '),
    }
  }
  return new Map([
    ['engine-burst', { samples: floor }],
    [
      'wire-burst-ready',
      together(ready, kept < AT_ONCE ? `only ${kept} sandboxes were ready` : ''),
    ],
    ['wire-burst-miss', together(cold, '')],
  ])
}
