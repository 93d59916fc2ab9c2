/**
 * What the gates cost for 8 KB of text, ordinary and hostile, how that grows up to 1 MB, and how the
 * scrubber stands beside secretlint on the same texts. In this process: no gateway takes part.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { SHELL_DENY_GROUPS } from '../../src/domain/config/tool-policy.ts'
import { scanForInjection } from '../../src/input/scan.ts'
import { markUntrusted } from '../../src/output/mark-untrusted.ts'
import { createScrubber } from '../../src/output/scrub.ts'
import { createSecretDictionary } from '../../src/output/secret-dictionary.ts'
import { judgeCommand } from '../../src/tools/shell/judge.ts'
import { type Summary, summarize } from './statistics.ts'
import { HOSTILE_TEXTS, ORDINARY_TEXTS, type SampleText, textOf } from './texts.ts'

const KB = 1_024
const SMALL_CHARS = 8 * KB
const LARGE_CHARS = 1_024 * KB

export interface Rounds {
  readonly warmUp: number
  readonly measured: number
}

export interface GateCost extends Summary {
  readonly gate: string
  readonly text: string
  /** Time of twice the text over time of the text, on average from 8 KB to `largestChars`: 2 is linear. */
  readonly doubling: number
  readonly largestChars: number
}

export interface Peer {
  readonly chars: number
  readonly scrubberMs: number
  readonly secretlintMs: number
}

export interface Detection {
  readonly of: number
  readonly scrubber: number
  readonly secretlint: number
}

interface Gate {
  readonly name: string
  readonly run: (text: string) => unknown
  /** Longer texts are refused unread. */
  readonly maxChars: number
}

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })
const denyGroups = new Set(SHELL_DENY_GROUPS)

const GATES: readonly Gate[] = [
  { name: 'scrubber', run: (text) => scrubber.scrub(text), maxChars: LARGE_CHARS },
  { name: 'injection scan', run: scanForInjection, maxChars: LARGE_CHARS },
  {
    name: 'marker',
    run: (text) => markUntrusted(text, { id: 'bench', source: { kind: 'web' } }),
    maxChars: LARGE_CHARS,
  },
  { name: 'shell judge', run: (text) => judgeCommand(text, { denyGroups }), maxChars: 64 * KB },
]

function timed(run: () => unknown): number {
  const began = performance.now()
  run()
  return performance.now() - began
}

/** Another process' time slice is none of the gate's: of a few runs in a row the fastest counts. */
const RUNS_PER_SAMPLE = 3

const undisturbed = (run: () => unknown): number =>
  Math.min(...Array.from({ length: RUNS_PER_SAMPLE }, () => timed(run)))

/** A slow gate is measured less often: its tail shows all the same. */
const MAX_SAMPLING_MS = 1_500
const MIN_SAMPLES = 20

function sampled<Value>(run: () => Value, count: number): readonly Value[] {
  const samples: Value[] = []
  const began = performance.now()
  while (
    samples.length < Math.min(count, MIN_SAMPLES) ||
    (samples.length < count && performance.now() - began < MAX_SAMPLING_MS)
  ) {
    samples.push(run())
  }
  return samples
}

/** Each size a few times, the fastest counts: what is asked is how the work grows, not the noise. */
const GROWTH_ROUNDS = 7
/** The geometric mean of all doublings: one stall of the machine would make any single one look bad. */
function doublingOf(gate: Gate, sample: SampleText): number {
  const best = (chars: number): number => {
    const text = textOf(sample, chars)
    return Math.min(...Array.from({ length: GROWTH_ROUNDS }, () => timed(() => gate.run(text))))
  }
  const doublings = Math.log2(gate.maxChars / SMALL_CHARS)
  return (best(gate.maxChars) / best(SMALL_CHARS)) ** (1 / doublings)
}

export function measureGates({ warmUp, measured }: Rounds): readonly GateCost[] {
  return GATES.flatMap((gate) =>
    [...ORDINARY_TEXTS, ...HOSTILE_TEXTS].map((sample) => {
      const text = textOf(sample, SMALL_CHARS)
      sampled(() => gate.run(text), warmUp)
      const samples = sampled(() => undisturbed(() => gate.run(text)), measured)
      return {
        gate: gate.name,
        text: sample.name,
        ...summarize(samples),
        doubling: doublingOf(gate, sample),
        largestChars: gate.maxChars,
      }
    }),
  )
}

const secretlint = (content: string) =>
  lintSource({
    source: { filePath: 'bench.txt', content, contentType: 'text', ext: '.txt' },
    options: {
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
      noPhysicFilePath: true,
    },
  })

/** Both are compiled by then: in one pass of 8 KB a machine reads less than it takes to compile. */
const WARM_UP_ROUNDS = 20

/** Over ordinary texts: that is what both read all day. They take turns, so that whatever the machine does meanwhile falls on both. Medians. */
export async function measurePeer(rounds: number): Promise<readonly Peer[]> {
  const results: Peer[] = []
  for (const chars of [SMALL_CHARS, LARGE_CHARS]) {
    const texts = ORDINARY_TEXTS.map((sample) => textOf(sample, chars))
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      let our = 0
      let their = 0
      for (const text of texts) {
        our += timed(() => scrubber.scrub(text))
        const began = performance.now()
        await secretlint(text)
        their += performance.now() - began
      }
      if (round >= 0) {
        ours.push(our / texts.length)
        theirs.push(their / texts.length)
      }
    }
    const [scrubberMs, secretlintMs] = [summarize(ours).p50, summarize(theirs).p50]
    results.push({ chars, scrubberMs, secretlintMs })
  }
  return results
}

const POSITIVES = 'secrets_pos.jsonl'

interface Positive {
  readonly input: string
  readonly secret: string
  readonly reversed?: boolean
}

const turned = (text: string): string => [...text].reverse().join('')

/** Share of a set of texts with a credential in which each finds something; null without the set. */
export async function measureDetection(corpora: string | undefined): Promise<Detection | null> {
  const path = corpora === undefined ? '' : join(corpora, POSITIVES)
  if (!existsSync(path)) return null
  const rows = readFileSync(path, 'utf8').trim().split('\n')
  let ours = 0
  let theirs = 0
  for (const row of rows) {
    const { input, reversed } = JSON.parse(row) as Positive
    const text = reversed === true ? turned(input) : input
    if (scrubber.scrub(text).count > 0) ours += 1
    if ((await secretlint(text)).messages.length > 0) theirs += 1
  }
  return { of: rows.length, scrubber: ours, secretlint: theirs }
}
