/**
 * SIGKILL to the sandbox's processes and to the gateway, in the middle of execs, at moments drawn
 * from a seed. The execs are counted by a witness that no gateway, runner or workspace can take
 * anything back from; what the model was told is held against it.
 *
 * EDGECLAW_KILL_EXECS sets how many execs must have begun (500 is the full proof), EDGECLAW_KILL_SEED
 * repeats a run's choices.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesWith } from '../../../src/cli/processes.ts'
import { missingDocker } from '../../support/docker.ts'
import { Follower } from '../../support/follower.ts'
import { until } from '../../support/gateway-process.ts'
import { seededRandom } from '../../support/random.ts'
import { createVendorAgents } from '../../support/vendor-agents.ts'
import { startVendor, type Vendor } from '../../support/vendors/vendor.ts'
import { type Killed, startKiller } from './killer.ts'
import { judge, type Ledger, type WireMessage } from './ledger.ts'
import { commandsWith, containersOf, removeContainers, volumes } from './left-behind.ts'
import { PARTS, startTarget, type Target } from './target.ts'
import { startWitnessedEngine, type WitnessedEngine } from './witnessed-engine.ts'
import { type Exec, messageOf, modelOf } from './work.ts'

const EXECS = Number(process.env['EDGECLAW_KILL_EXECS'] || 60)
const SEED = Number(process.env['EDGECLAW_KILL_SEED'] || 20_261_121)
/** Two at each of two workspaces, so that commits of different bases meet as well. */
const CONVERSATIONS = [
  { name: 'one', agent: 'first' },
  { name: 'two', agent: 'first' },
  { name: 'three', agent: 'second' },
  { name: 'four', agent: 'second' },
] as const
/** Those that follow in a turn run into whatever outage the first has met. */
const EXECS_PER_TURN = [1, 1, 1, 2, 3]
const PAUSES_MS = [0, 0, 50, 100, 200, 300]
const LAST_PAUSE_MS = 20_000
const HISTORY_PAGE = 200
const TIMEOUT_MS = 120_000 + EXECS * 5_000
/** A sandbox whose end came late is removed within. */
const LATE_MS = 10_000

const missing = await missingDocker('killing the sandbox and the gateway in the middle of execs')

const tally = (names: readonly string[]): string =>
  [...new Set(names)]
    .map((name) => `${names.filter((other) => other === name).length} ${name}`)
    .toSorted()
    .join(', ')

describe.skipIf(missing !== null)(`${EXECS} execs among kills, seed ${SEED}`, () => {
  let folder: string
  /** Of all processes of the gateway. */
  let temporary: string
  /** Stands in every command, and on no other command line. */
  let run: string
  let engine: WitnessedEngine
  let vendor: Vendor
  let target: Target
  let killed: Killed
  let volumesBefore: readonly string[]
  let ledgers: readonly Ledger[]
  let seconds = 0
  /** The number of the next exec. */
  let next = 1
  let inSandboxes: readonly string[]
  let containersAfter: readonly string[]
  let pulse = Promise.withResolvers<void>()

  const newFollower = (name: string, agent: string): Follower =>
    new Follower({
      ...target.gateway(),
      sessionKey: `agent:${agent}:ws:direct:${name}`,
      onChange: () => {
        pulse.resolve()
        pulse = Promise.withResolvers()
      },
    })

  async function prepare(): Promise<void> {
    const client = await target.gateway().connect()
    await createVendorAgents(client, vendor, ['first', 'second'])
    client.close()
  }

  async function historyOf(sessionKey: string): Promise<readonly WireMessage[]> {
    const client = await target.gateway().connect()
    const pages: WireMessage[][] = []
    let before: number | null = null
    do {
      const page = (await client.request('chat.history', {
        sessionKey,
        limit: HISTORY_PAGE,
        before,
      })) as { messages: WireMessage[]; nextBefore: number | null }
      pages.unshift(page.messages)
      before = page.nextBefore
    } while (before !== null)
    client.close()
    return pages.flat()
  }

  /** A stop must leave as little behind when something is under way. */
  async function stopAmidExecs(): Promise<void> {
    const before = engine.count()
    const last = CONVERSATIONS.map(({ name, agent }, i) => {
      const follower = newFollower(name, agent)
      const exec: Exec = { number: next + i, pauseMs: LAST_PAUSE_MS }
      follower.say(messageOf(`${run}-${name}`, [exec]), `key-last-${i}`).catch(() => undefined)
      return follower
    })
    await until('the last execs have begun', () => engine.count() > before, LATE_MS)
    await target.stop()
    for (const follower of last) follower.close()
  }

  function summary(): string {
    const endings = ledgers.flatMap((ledger) => [...ledger.endings.values()])
    return [
      `seed ${SEED}: ${endings.length} execs asked for in ${seconds.toFixed(1)} s`,
      `${engine.count()} begun`,
      `endings: ${tally(endings.map(({ kind }) => kind))}`,
      `${killed.kills.length} kills: ${tally(killed.kills)}`,
      `${containersAfter.length} containers after the last exec`,
    ].join('; ')
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edgeclaw-kills-'))
    temporary = join(folder, 'tmp')
    run = basename(folder)
    mkdirSync(temporary)
    volumesBefore = await volumes()
    vendor = await startVendor({ kind: 'openai', script: modelOf })
    engine = await startWitnessedEngine(folder)
    target = await startTarget(folder, engine)
    await target.whole()
    await prepare()
    const began = performance.now()
    let isOver = false
    const talkers = CONVERSATIONS.map(({ name, agent }, index) => ({
      name,
      follower: newFollower(name, agent),
      random: seededRandom(SEED + 1 + index),
    }))
    const execCalls = (hasResult: boolean): number =>
      talkers
        .flatMap(({ follower }) => [...follower.view.values()])
        .flatMap(({ calls }) => calls)
        .filter(({ name, result }) => name === 'exec' && (result !== null) === hasResult).length
    killed = startKiller({
      target,
      random: seededRandom(SEED),
      busyAfter: async (results) => {
        const enough = execCalls(true) + results
        while (!isOver && (execCalls(true) < enough || execCalls(false) === 0)) await pulse.promise
      },
      isOver: () => isOver,
    })
    killed.ended.catch(() => undefined)
    async function talk({ name, follower, random }: (typeof talkers)[number]): Promise<void> {
      while (engine.count() < EXECS) {
        const first = next
        next += random.pick(EXECS_PER_TURN)
        const execs: Exec[] = Array.from({ length: next - first }, (_, i) => ({
          number: first + i,
          pauseMs: random.pick(PAUSES_MS),
        }))
        // Now and then into an outage; otherwise there would be little to be hit in the middle.
        if (random.below(8) > 0) await killed.whole()
        await follower.say(messageOf(`${run}-${name}`, execs), `key-${first}`)
      }
    }
    const talking = Promise.all(talkers.map(talk)).finally(() => {
      isOver = true
      pulse.resolve()
    })
    talking.catch(() => undefined)
    try {
      await Promise.all([talking, killed.ended])
    } catch (error) {
      console.info(`seed ${SEED}: ${killed.kills.join(', ')}`)
      throw error
    } finally {
      isOver = true
      for (const { follower } of talkers) follower.close()
    }
    seconds = (performance.now() - began) / 1_000
    ledgers = await Promise.all(
      CONVERSATIONS.map(async ({ name, agent }) =>
        judge(await historyOf(`agent:${agent}:ws:direct:${name}`), engine.runsOf),
      ),
    )
    inSandboxes = commandsWith(`${run}-`)
    containersAfter = await containersOf(target.owner)
    console.info(summary())
    await stopAmidExecs()
  }, TIMEOUT_MS)

  afterAll(async () => {
    await target?.stop()
    // A gateway that could not be started again has left some of its own behind.
    for (const pid of processesWith(`TMPDIR=${temporary}`)) process.kill(pid, 'SIGKILL')
    if (target) await removeContainers(await containersOf(target.owner))
    await vendor?.close()
    engine?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('every part was killed while execs were under way', () => {
    const hit = new Set(killed.kills.flatMap((name) => name.split(' + ')))
    expect(PARTS.filter((part) => !hit.has(part))).toEqual([])
  })

  it('no exec ran twice, whatever was killed', () => {
    const numbers = ledgers.flatMap(({ requested }) => requested)
    expect(numbers.filter((number) => engine.runsOf(number) > 1)).toEqual([])
    expect(numbers.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: next - 1 }, (_, i) => i + 1),
    )
  })

  it('every exec has one result, which is true, and the files are never half of anything', () => {
    expect(ledgers.flatMap(({ faults }) => faults)).toEqual([])
  })

  it('most execs that had begun were done in spite of it', () => {
    const done = ledgers.flatMap(({ endings }) =>
      [...endings.values()].filter(({ kind }) => kind === 'done'),
    )
    expect(done.length).toBeGreaterThan(EXECS / 2)
  })

  it('no command still ran in any sandbox after the last result', () => {
    expect(inSandboxes).toEqual([])
  })

  it('leaves no container, process, volume or temporary folder', async () => {
    await until(
      'its processes have ended',
      () => processesWith(`TMPDIR=${temporary}`).length === 0,
      LATE_MS,
    )
    expect(await containersOf(target.owner)).toEqual([])
    expect((await volumes()).filter((name) => !volumesBefore.includes(name))).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
    expect(readdirSync(folder).toSorted()).toEqual(['engine.sock', 'state', 'tmp', 'witness'])
  })
})
