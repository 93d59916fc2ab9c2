/**
 * Makes every attempt as often as it takes to know both that it is stopped and by what: inside; with
 * all of its flags off, where it has to succeed; and with each flag standing alone, where it may not.
 */
import type { RunnerProcess } from '../runner/runner-process.ts'
import { attemptInside, type Weakening } from './attempt.ts'
import type { FlagName } from './flags.ts'
import type { Probe, Verdict } from './probe.ts'

/** How far to go: from inside; again with all of its flags off; and with each of them alone. */
export type Depth = 'inside' | 'without' | 'alone'

export interface Finding {
  readonly probe: Probe
  readonly inside: Verdict
  /** Null at depth `inside`. */
  readonly without: Verdict | null
  /** Verdicts with all of its flags off but one. */
  readonly alone: readonly { readonly flag: FlagName; readonly verdict: Verdict }[]
}

/** This machine cannot show it: nothing there to reach, or a flag that its engine cannot take away. */
export const isAbsent = ({ probe, without }: Finding): boolean =>
  without?.outcome === 'impossible' ||
  (without?.outcome === 'stopped' && (probe.absentOn ?? []).includes(without.reason))

/** What is wrong with a finding, in words; nothing when all is as it should be. */
export function faultsOf(finding: Finding): readonly string[] {
  const { inside, without, alone } = finding
  const faults: string[] = []
  if (inside.outcome === 'escaped') faults.push('it succeeds in the sandbox')
  if (inside.outcome === 'broken') faults.push(`the probe is broken: ${inside.reason}`)
  if (without !== null && without.outcome !== 'escaped' && !isAbsent(finding)) {
    faults.push(`it does not succeed with its flags off: ${without.outcome}, ${without.reason}`)
  }
  for (const { flag, verdict } of alone) {
    if (verdict.outcome === 'stopped' || verdict.outcome === 'impossible') continue
    faults.push(`${flag} alone does not stop it: ${verdict.outcome} ${verdict.reason}`.trim())
  }
  return faults
}

export async function measure(
  probe: Probe,
  runner: RunnerProcess,
  weakening: Weakening,
  depth: Depth,
): Promise<Finding> {
  const inside = await attemptInside(runner, probe, weakening.host)
  if (depth === 'inside') return { probe, inside, without: null, alone: [] }
  const without = await weakening.attemptWithout(probe.flags, probe)
  const alone: { flag: FlagName; verdict: Verdict }[] = []
  const several = depth === 'alone' && probe.flags.length > 1 ? probe.flags : []
  for (const flag of several) {
    const others = probe.flags.filter((other) => other !== flag)
    alone.push({ flag, verdict: await weakening.attemptWithout(others, probe) })
  }
  return { probe, inside, without, alone }
}

/** Keeps the order of what is given; `width` at a time. */
export async function inParallel<Item, Value>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      const item = items[at]
      if (item !== undefined) values[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return values
}
