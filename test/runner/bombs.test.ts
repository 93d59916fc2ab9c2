/**
 * Commands that take all they can: each is over within 5 s of its limit, hurts no neighbour, and
 * leaves nothing behind. Figures are printed, since a bound alone says little.
 */
import { availableParallelism, loadavg } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecRequest } from '../../src/isolation/contract.ts'
import {
  containersOf,
  ensureImage,
  job,
  missingEngine,
  PROFILE,
  parseEvents,
  postExec,
  type Ran,
  type RunnerProcess,
  run,
  startRunner,
  summarise,
} from './runner-process.ts'
import { frontBytes, processesOf, volumes, watchContainers } from './traces.ts'

const missing = await missingEngine()

const MB = 1024 * 1024
const TIMEOUT_MS = 2_000
const PAST_LIMIT_MS = 5_000
const PAST_LIMIT_UNDER_LOAD_MS = 10_000
const NEIGHBOUR_RUNS = 5
const MAX_FACTOR = 3
/** Where others already keep the processors busy, no figure of ours is steady. */
const MAX_FACTOR_UNDER_LOAD = 8

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** With the time from the command's start to the end of its stream: making the container is none of it. */
async function runTimed(runner: RunnerProcess, request: ExecRequest) {
  const response = await postExec(runner, request)
  let text = ''
  let startedAt: number | null = null
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('latin1')
    if (startedAt === null && text.includes('"started"')) startedAt = performance.now()
  }
  if (startedAt === null) throw new Error(text)
  return { ran: summarise(parseEvents(text)), ms: performance.now() - startedAt }
}

interface Bomb {
  readonly name: string
  readonly script: string
  /** Of an `exit` event. */
  readonly ends: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, number>>
}

const BY_TIME = { timedOut: true }

const python = (body: string): string => `python3 - <<'END'\n${body}\nEND`

const BOMBS: readonly Bomb[] = [
  { name: 'forks', script: ':(){ :|:& };:; sleep 30', ends: BY_TIME },
  {
    name: 'forks that ignore everything',
    script: python(`
import os, signal
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except OSError: pass
while True:
    try: os.fork(); os.setsid()
    except OSError: pass`),
    ends: BY_TIME,
  },
  {
    name: 'memory of one process',
    script: python('held = []\nwhile True: held.append(bytes([1]) * (16 << 20))'),
    ends: { oom: true },
    limits: { memoryMb: 64, timeoutMs: 20_000 },
  },
  {
    name: 'memory of many processes',
    script: python(`
import os
held = []
while True:
    try: os.fork()
    except OSError: pass
    held.append(b'x' * (4 << 20))`),
    ends: { oom: true },
    limits: { memoryMb: 64, timeoutMs: 4_000 },
  },
  {
    name: 'descriptors',
    script: python(`
import os, time
for _ in range(40):
    if os.fork() == 0: break
held = []
while True:
    try: held.append(os.pipe())
    except OSError: pass`),
    ends: BY_TIME,
  },
  {
    name: 'disk',
    script: `for d in /workspace /tmp /var/tmp; do (while :; do cat /dev/zero > $d/f$RANDOM; done) & done
      wait`,
    ends: BY_TIME,
  },
  {
    name: 'inodes',
    script: python(`
import os
i = 0
while True:
    for folder in ('/workspace', '/tmp', '/var/tmp'):
        try: os.mkdir('%s/%d' % (folder, i))
        except OSError: pass
    i += 1`),
    ends: BY_TIME,
  },
  { name: 'output', script: 'yes & yes >&2 & wait', ends: { timedOut: false } },
  {
    name: 'output by single bytes',
    script: python(`
import os
while True: os.write(1, b'x')`),
    // Its limit is reached or time is up, whichever comes first.
    ends: { event: 'exit' },
  },
  { name: 'a deaf loop', script: 'trap "" TERM; while :; do :; done', ends: { signal: 'SIGKILL' } },
  {
    name: 'zombies',
    script: python(`
import os
while True:
    try:
        if os.fork() == 0: os._exit(0)
    except OSError: pass`),
    ends: BY_TIME,
  },
  { name: 'sleep', script: '(setsid nohup sleep infinity &) ; sleep infinity', ends: BY_TIME },
  { name: 'kill -9 -1', script: 'kill -9 -1; sleep 30', ends: { signal: 'SIGKILL' } },
  { name: 'kill -STOP -1', script: 'kill -STOP -1; sleep 30', ends: { signal: 'SIGKILL' } },
]

describe.skipIf(missing !== null)('a command that takes all it can', () => {
  let runner: RunnerProcess
  let watch: ReturnType<typeof watchContainers>
  let volumesBefore: readonly string[]
  /** Asked before any bomb: they raise the load themselves. */
  const isBusy = (loadavg()[0] ?? 0) > 1.5 * availableParallelism()
  let bytesBefore = 0
  const figures: string[] = []

  const neighbour = async (): Promise<number> => {
    const started = performance.now()
    const { exit } = await run(runner, job('true'), { tenant: 'ten_b' })
    expect(exit).toMatchObject({ code: 0 })
    return performance.now() - started
  }

  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
    volumesBefore = await volumes()
    await neighbour()
    bytesBefore = frontBytes(runner)
    watch = watchContainers(runner)
  })
  afterAll(async () => {
    await runner?.stop()
    console.info(figures.join('\n'))
  })

  it.each(BOMBS)(
    'is stopped and hurts no neighbour: $name',
    async ({ name, script, ends, limits }) => {
      const profile = { limits: { ...PROFILE.limits, pids: 64, timeoutMs: TIMEOUT_MS, ...limits } }
      const before: number[] = []
      while (before.length < NEIGHBOUR_RUNS) before.push(await neighbour())
      const undisturbed = median(before)
      const ended: { ran: Ran; ms: number }[] = []
      const times: number[] = []
      const isEnough = () => times.length >= NEIGHBOUR_RUNS
      const bombs = (async () => {
        do {
          ended.push(await runTimed(runner, job(script, { profile })))
        } while (!isEnough())
      })()
      while (!isEnough()) {
        times.push(await neighbour())
        await watch.look()
      }
      await bombs
      const disturbed = median(times)
      const longest = Math.max(...ended.map(({ ms }) => ms))
      figures.push(
        `${name.padEnd(30)} ${String(Math.round(longest)).padStart(6)} ms   neighbour ${String(Math.round(undisturbed)).padStart(5)} → ${String(Math.round(disturbed)).padStart(5)} ms = ${(disturbed / undisturbed).toFixed(2)} ×`,
      )
      const pastLimitMs = isBusy ? PAST_LIMIT_UNDER_LOAD_MS : PAST_LIMIT_MS
      for (const { ran, ms } of ended) {
        expect(ran.exit).toMatchObject(ends)
        // Of whatever was said, the record is small.
        expect(ran.events.length).toBeLessThan(1_000)
        expect(ms).toBeLessThan(profile.limits.timeoutMs + pastLimitMs)
      }
      expect(disturbed / undisturbed).toBeLessThan(isBusy ? MAX_FACTOR_UNDER_LOAD : MAX_FACTOR)
    },
  )

  it('leaves no container, volume or process behind, and front small', async () => {
    const growth = frontBytes(runner) - bytesBefore
    await runner.stop()
    expect(await containersOf(runner)).toEqual([])
    expect(watch.seen.size).toBeGreaterThanOrEqual(BOMBS.length)
    await expect.poll(() => processesOf(watch.seen), { timeout: 5_000 }).toEqual([])
    expect(await volumes()).toEqual(volumesBefore)
    figures.push(`front grew by ${Math.round(growth / MB)} MB after all`)
    expect(bytesBefore).toBeGreaterThan(0)
    expect(growth).toBeLessThan(200 * MB)
  })
})
