/**
 * What an escape probe is: an attempt that a command could make, as data. It holds no judgement of
 * its own; `prelude.py` says how an attempt's end becomes a verdict, `measure.ts` what is expected.
 */
import type { FlagName } from './flags.ts'

export interface Probe {
  /** What the attacker would have; a noun phrase, unique. */
  readonly name: string
  /**
   * Each of these alone stops the attempt, and with all of them off it succeeds: that is how a flag
   * is known to work, and the probe to be able to fail.
   */
  readonly flags: readonly FlagName[]
  /** Body of a Python function, with the names of `prelude.py`: it raises, or has escaped. */
  readonly attempt: string
  /**
   * Reasons that mean "this machine has nothing to protect here": a kernel without the call. With
   * all flags off such an answer is reported as what it is, and proves nothing.
   */
  readonly absentOn?: readonly string[]
  /** The attempt only counts when the engine kept what the container's first process wrote. */
  readonly countsIfLogged?: string
}

/** `impossible`: the engine of this machine cannot make such a container. */
export type Outcome = 'escaped' | 'stopped' | 'broken' | 'impossible'

export interface Verdict {
  readonly outcome: Outcome
  /** Error name, or what went wrong with the probe itself. */
  readonly reason: string
}

/** Anything but the one line of the prelude is a broken probe: silence is no proof. */
export function parseVerdict(stdout: string, otherwise: string): Verdict {
  const match = /^(ESCAPED|STOPPED|BROKEN) ?(.*)$/m.exec(stdout)
  if (match === null) return { outcome: 'broken', reason: otherwise }
  const reason = match[2] ?? ''
  if (match[1] === 'ESCAPED') return { outcome: 'escaped', reason }
  return { outcome: match[1] === 'STOPPED' ? 'stopped' : 'broken', reason }
}
