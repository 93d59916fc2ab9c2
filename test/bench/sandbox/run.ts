/** What the parts of one run share: sizes, progress, and whatever has to be ended however it ends. */
import { type RunnerProcess, startRunner } from '../../runner/runner-process.ts'
import type { Rounds } from './turns.ts'

/** How many never-used sandboxes the runner keeps ready; 0 switches that off. */
export const POOL_VARIABLE = 'EDGECLAW_RUNNER_POOL'

export interface Sizes {
  readonly warm: Rounds
  readonly cold: Rounds
  /** Each of as many execs as come at once. */
  readonly bursts: number
}

export const SIZES = {
  full: { warm: { warmUp: 8, measured: 60 }, cold: { warmUp: 2, measured: 25 }, bursts: 5 },
  quick: { warm: { warmUp: 2, measured: 7 }, cold: { warmUp: 1, measured: 4 }, bursts: 1 },
} as const satisfies Readonly<Record<string, Sizes>>

export interface Run {
  readonly size: Sizes
  /** A build to measure as it is; null: the one that `npm start` takes. */
  readonly dist: string | null
  readonly progress: (text: string) => void
  readonly onEnd: (close: () => Promise<void>) => void
  /** Ends with the run. */
  readonly startRunner: (env?: Readonly<Record<string, string>>) => Promise<RunnerProcess>
}

export interface OwnedRun extends Run {
  /** Ends everything, the last first; does it once, whoever asks. */
  readonly end: () => Promise<void>
}

export function createRun(
  size: Sizes,
  dist: string | null,
  progress: (text: string) => void,
): OwnedRun {
  const closers: (() => Promise<void>)[] = []
  return {
    size,
    dist,
    progress,
    onEnd: (close) => {
      closers.push(close)
    },
    startRunner: async (env = {}) => {
      const runner = await startRunner({ env })
      closers.push(() => runner.stop())
      return runner
    },
    end: async () => {
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        await close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
      }
    },
  }
}
