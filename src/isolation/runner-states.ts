/**
 * How each runner answered last, for a few seconds and within one isolate. Only a saving: it decides
 * who is asked first, never who may not be asked.
 */

/** `degraded`: it answers, but has no engine or no image. `silent`: it does not answer. */
export type RunnerState = 'well' | 'degraded' | 'silent'

/** Finding a dead host out costs 2 s; a runner that is back is not passed over for long. */
const REMEMBERED_MS = 5_000

export interface RunnerStates {
  readonly of: (url: string, nowMs: number) => RunnerState
  readonly note: (url: string, state: RunnerState, nowMs: number) => void
}

/** As large as the operator's list of runners: nobody else names a URL here. */
export function createRunnerStates(): RunnerStates {
  const noted = new Map<string, { readonly state: RunnerState; readonly untilMs: number }>()
  return {
    of(url, nowMs) {
      const last = noted.get(url)
      return last !== undefined && nowMs < last.untilMs ? last.state : 'well'
    },
    note(url, state, nowMs) {
      if (state === 'well') noted.delete(url)
      else noted.set(url, { state, untilMs: nowMs + REMEMBERED_MS })
    },
  }
}

export const runnerStates: RunnerStates = createRunnerStates()
