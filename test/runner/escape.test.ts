/** Every known way out of the sandbox, tried from inside, and again without what stops it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWeakening, type Weakening } from '../escape/attempt.ts'
import { FLAGS } from '../escape/flags.ts'
import { faultsOf, measure } from '../escape/measure.ts'
import type { Probe } from '../escape/probe.ts'
import { FAMILIES } from '../escape/probes/index.ts'
import { ensureImage, missingEngine, type RunnerProcess, startRunner } from './runner-process.ts'

const missing = await missingEngine()
const probes = FAMILIES.flatMap((family) => family.probes)

describe('the escape probes', () => {
  it('are many, each with a name of its own', () => {
    expect(probes.length).toBeGreaterThanOrEqual(40)
    expect(new Set(probes.map(({ name }) => name)).size).toBe(probes.length)
  })

  it('leave out no flag', () => {
    const named = new Set(probes.flatMap(({ flags }) => flags))
    expect([...named].sort()).toEqual(Object.keys(FLAGS).sort())
  })
})

describe.skipIf(missing !== null).concurrent('from inside the sandbox', () => {
  let runner: RunnerProcess
  let weakening: Weakening
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
    weakening = await createWeakening()
  })
  afterAll(async () => {
    await Promise.all([runner?.stop(), weakening?.close()])
  })

  it.each<[string, Probe, string]>([
    [
      'what succeeds',
      { name: 'a file that everybody may read', flags: [], attempt: `read('/etc/passwd')` },
      'it succeeds in the sandbox',
    ],
    [
      'what cannot be judged',
      { name: 'a mistake', flags: [], attempt: 'no_such_name' },
      'the probe is broken',
    ],
    [
      'silence',
      { name: 'an early end', flags: [], attempt: 'os._exit(0)' },
      'the probe is broken: no verdict',
    ],
    [
      'what never succeeds',
      { name: 'a file that is nowhere', flags: ['Hostname'], attempt: `read('/no/such')` },
      'it does not succeed with its flags off',
    ],
  ])('a fault is found in %s', async (_what, probe, words) => {
    const faults = faultsOf(await measure(probe, runner, weakening, 'without'))
    expect(faults.join('\n')).toContain(words)
  })

  describe.each(FAMILIES)('$name', (family) => {
    it.each(family.probes)('nobody gets $name', async (probe) => {
      expect(faultsOf(await measure(probe, runner, weakening, 'without'))).toEqual([])
    })
  })
})
