/**
 * `npm run escape`: every way out of the sandbox that we know, tried from inside on the real engine,
 * and tried again without what stops it. It fails when one succeeds, or when a probe proves nothing.
 */
import { CliFailure, runMain } from '../../src/cli/failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from '../../src/cli/flags.ts'
import { engine, ensureImage, startRunner } from '../runner/runner-process.ts'
import { createWeakening } from './attempt.ts'
import { faultsOf, inParallel, measure } from './measure.ts'
import { FAMILIES } from './probes/index.ts'
import { familyTable, flagTable, headline, summary } from './table.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'quick', help: 'only from inside: not again with flags taken away' },
  { name: 'only', value: 'WORDS', help: 'probes whose name or flag holds these words' },
]
/** Containers at once: the machine has to do something else, too. */
const AT_ONCE = 3

async function main(): Promise<number> {
  const { values } = parseFlags(process.argv.slice(2), FLAGS)
  if (values.has('help')) {
    process.stdout.write(`npm run escape -- [flags]\n\n${describeFlags(FLAGS)}\n`)
    return 0
  }
  const words = values.get('only')?.toLowerCase() ?? ''
  const families = FAMILIES.map(({ name, probes }) => ({
    name,
    probes: probes.filter((probe) =>
      [probe.name, ...probe.flags].some((text) => text.toLowerCase().includes(words)),
    ),
  })).filter(({ probes }) => probes.length > 0)
  if (families.length === 0) throw new CliFailure(`no probe is named like ${words}`)
  const info = await engine.info().catch(() => {
    throw new CliFailure('no Docker engine answers, so nothing can be tried')
  })
  ensureImage()
  process.stdout.write(headline(info))
  const runner = await startRunner()
  const weakening = await createWeakening()
  try {
    const findings = []
    for (const { name, probes } of families) {
      const found = await inParallel(probes, AT_ONCE, (probe) =>
        measure(probe, runner, weakening, values.has('quick') ? 'inside' : 'alone'),
      )
      findings.push(...found)
      process.stdout.write(familyTable(name, found))
    }
    if (!values.has('quick')) process.stdout.write(flagTable(findings))
    process.stdout.write(summary(findings))
    return findings.some((finding) => faultsOf(finding).length > 0) ? 1 : 0
  } finally {
    await Promise.all([runner.stop(), weakening.close()])
  }
}

await runMain(main)
