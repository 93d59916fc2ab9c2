/** So many at once and no more: the rest waits, first come, first served. Knows nothing of the work. */

export type Turns = <Value>(work: () => Promise<Value>) => Promise<Value>

export function createTurns(max: number): Turns {
  let free = max
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
