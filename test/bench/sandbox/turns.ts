/**
 * Floors and subjects take turns in one run, so that whatever else the machine does falls on all of
 * them. It measures nothing itself: each subject holds its own clock.
 */

export interface Subject {
  readonly id: string
  /** One sample, in milliseconds. */
  readonly sample: () => Promise<number>
  /** Outside of every clock: until the machine no longer works on what the sample left behind. */
  readonly settle?: () => Promise<void>
}

export interface Rounds {
  readonly warmUp: number
  readonly measured: number
}

export type Samples = ReadonlyMap<string, readonly number[]>

/** Every other round goes backwards: nobody always follows the same neighbour. */
export async function takeTurns(
  subjects: readonly Subject[],
  { warmUp, measured }: Rounds,
  onRound: (done: number, of: number) => void,
): Promise<Samples> {
  const samples = new Map<string, number[]>(subjects.map(({ id }) => [id, []]))
  for (let round = 0; round < warmUp + measured; round++) {
    onRound(round, warmUp + measured)
    for (const { id, sample, settle } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const ms = await sample()
      await settle?.()
      if (round >= warmUp) samples.get(id)?.push(ms)
    }
  }
  return samples
}
