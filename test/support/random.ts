/** Random choices that can be made again: whoever sees a failure repeats it with its seed. */

export interface Random {
  /** From 0 up to, not including, `max`. */
  below(max: number): number
  pick<Value>(values: readonly Value[]): Value
}

/** Mulberry32: small, fast, and good enough for choosing moments. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (max: number): number => Math.floor(next() * max)
  return {
    below,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('there is nothing to pick from')
      return value
    },
  }
}
