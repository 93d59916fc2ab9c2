/**
 * What has to be stopped, collected while it is started: a signal may come at any moment, also when
 * the runner is up and the gateway is not yet.
 */
export interface Stops {
  add(stop: () => Promise<void>): void
  /** Runs after all others: the state folder's lock covers them. */
  atLast(stop: () => void): void
  /**
   * Stops what is there side by side, waits until `starting` has settled, and stops what came of it
   * meanwhile. One that fails keeps no other from being stopped.
   */
  runAll(starting: Promise<unknown>): Promise<void>
}

export function openStops(): Stops {
  const pending: (() => Promise<void>)[] = []
  const last: (() => void)[] = []
  const drain = () => Promise.allSettled(pending.splice(0).map((stop) => stop()))
  return {
    add: (stop) => void pending.push(stop),
    atLast: (stop) => void last.push(stop),
    async runAll(starting) {
      await drain()
      await Promise.allSettled([starting])
      await drain()
      for (const stop of last.splice(0)) stop()
    },
  }
}
