/**
 * Tells the operator that a runner did not serve: the gateway's log is the one place where a wrong
 * key, a wrong audience and a dead host look different. Ids and codes only, nothing of any job.
 */
import type { OnTrouble } from '../isolation/runner-wire.ts'
import { EventThrottle } from '../telemetry/event-throttle.ts'
import { logWarn } from '../telemetry/log.ts'

/** Of a runner, a code and a minute; `repeated` counts what was left out. Each isolate for itself. */
const KEPT_PER_MINUTE = 1

export function createRunnerTrouble(now: () => number): OnTrouble {
  const throttle = new EventThrottle(KEPT_PER_MINUTE)
  return (runner, code) => {
    const verdict = throttle.take(`${runner} ${code}`, now())
    if (!verdict.isKept) return
    const { repeated } = verdict
    logWarn('runner.trouble', { runner, code, ...(repeated > 0 ? { repeated } : {}) })
  }
}

export const onRunnerTrouble: OnTrouble = createRunnerTrouble(() => Date.now())
