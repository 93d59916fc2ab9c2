/**
 * SIGKILL to workerd in the middle of runs, again and again, at moments drawn from a seed. Clients
 * come back, repeat what was not acknowledged and follow. What really ran is counted by the Docker
 * engine's own event stream: a workspace would roll back, the engine's events do not.
 *
 * EDGECLAW_KILLS sets how often (default 50), EDGECLAW_SEED repeats a run's choices.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/cli/client.ts'
import { missingDocker } from '../support/docker.ts'
import { type Acknowledged, Follower, type FollowerOptions } from '../support/follower.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import { type Random, seededRandom } from '../support/random.ts'
import { type SessionView, settled } from '../support/run-view.ts'
import { createVendorAgents } from '../support/vendor-agents.ts'
import type { Behaviour, VendorRequest } from '../support/vendors/script.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'
import { COLD_RUNNER, openWitness, type Witness } from '../support/witness.ts'

const KILLS = Number(process.env['EDGECLAW_KILLS'] || 50)
const SEED = Number(process.env['EDGECLAW_SEED'] || 20_250_917)
/** Runs of these sessions last up to a second: most moments in it are some step of some run. */
const MAX_WAIT_MS = 900
/** A vendor's word takes this long, so that answers are cut in the middle. */
const WORD_MS = 15
const HISTORY_PAGE = 200
/** A session's heartbeat comes every 30 s and tells the tenant what a crash kept from it. */
const WATCHDOG_MS = 40_000
/** Views kept on the way, to come back with later. */
const SNAPSHOT_EVERY_KILLS = 5

const missing = await missingDocker('killing workerd in the middle of a run')

interface Sent {
  readonly message: string
  readonly acknowledged: Acknowledged
}

interface Snapshot {
  readonly view: SessionView
  readonly afterSeq: number
}

interface Conversation {
  readonly name: string
  readonly agent: string
  readonly sessionKey: string
  readonly file: string
  readonly random: Random
  readonly driver: Follower
  readonly watcher: Follower
  readonly sent: Sent[]
  readonly snapshots: Snapshot[]
}

interface WireMessage {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly tool_calls?: readonly { readonly id: string; readonly name: string }[]
  readonly tool_call_id?: string
}

/** `work` asks for a command and then sums up; everything else is answered in many words. */
function writer({ body }: VendorRequest): Behaviour {
  const { messages } = body as { messages: readonly { role: string; content: unknown }[] }
  const last = messages.at(-1)
  const asked = String(messages.findLast(({ role }) => role === 'user')?.content)
  const [, id = 'none', command] = /^(\S+) work: (.*)$/.exec(asked) ?? []
  const words = (count: number, topic: string): string =>
    Array.from({ length: count }, (_, i) => `${topic}-${i}`).join(' ')
  if (command !== undefined && last?.role === 'user') {
    const calls = [{ id: `call_${id}`, name: 'exec', arguments: { command } }]
    return { type: 'answer', text: words(10, `before-${id}`), calls, delayMs: WORD_MS }
  }
  return { type: 'answer', text: words(30, `answer-${messages.length}`), delayMs: WORD_MS }
}

const append = (id: string, file: string, random: Random): string =>
  `echo ${id} >> ${file}; sleep 0.${random.below(4)}`

/** Unique by its id, so that a message can be told from every other. */
function nextMessage({ agent, file, random }: Conversation, id: string): string {
  if (agent === 'writer') {
    return random.below(2) === 0 ? `${id} tell` : `${id} work: ${append(id, file, random)}`
  }
  if (random.below(4) === 0) return `${id} just repeat this`
  const lines = Array.from(
    { length: 1 + random.below(3) },
    (_, line) => `run: ${append(`${id}.${line}`, file, random)}`,
  )
  return `${id}\n${lines.join('\n')}`
}

describe.skipIf(missing !== null)(`workerd is killed ${KILLS} times in the middle of runs`, () => {
  let gateway: GatewayProcess
  let vendor: Vendor
  let witness: Witness
  let conversations: readonly Conversation[]
  let killsInRun = 0
  let pulse = Promise.withResolvers<void>()
  const onChange = (): void => {
    pulse.resolve()
    pulse = Promise.withResolvers()
  }

  const newFollower = (sessionKey: string, from: Partial<FollowerOptions> = {}): Follower =>
    new Follower({ url: gateway.url, token: gateway.token, sessionKey, onChange, ...from })

  function newConversation(
    name: string,
    agent: string,
    index: number,
    isImpatient = false,
  ): Conversation {
    const sessionKey = `agent:${agent}:ws:direct:${name}`
    return {
      name,
      agent,
      sessionKey,
      file: `log-${name}.txt`,
      random: seededRandom(SEED + index),
      driver: newFollower(sessionKey, { isImpatient }),
      watcher: newFollower(sessionKey),
      sent: [],
      snapshots: [],
    }
  }

  async function prepare(): Promise<void> {
    const client = await gateway.connect()
    await createVendorAgents(client, vendor, ['writer'])
    client.close()
  }

  /** One message after the other, now and then a second one into the running first. */
  async function converse(conversation: Conversation, isOver: () => boolean): Promise<void> {
    const { driver, sent, random, name } = conversation
    for (let n = 0; !isOver(); n++) {
      const say = async (id: string, message: string): Promise<void> => {
        sent.push({ message, acknowledged: await driver.say(message, `key-${id}`) })
      }
      const id = `${name}m${n}`
      const first = say(id, nextMessage(conversation, id))
      first.catch(() => undefined)
      if (random.below(5) === 0) {
        await delay(random.below(300))
        await say(`${id}x`, `${id}x and this as well`)
      }
      await first
      await driver.follow(() => !driver.isBusy)
    }
  }

  async function killOften(random: Random, isOver: () => boolean): Promise<void> {
    const busy = () => conversations.filter(({ driver }) => driver.isBusy).length
    for (let kill = 1; kill <= KILLS && !isOver(); kill++) {
      if (random.below(2) === 0) await delay(random.below(MAX_WAIT_MS))
      // Else on the heels of some event: the steps between two of them are short.
      else for (let events = random.below(6); events > 0; events--) await pulse.promise
      while (busy() === 0) await pulse.promise
      killsInRun++
      if (kill % SNAPSHOT_EVERY_KILLS === 0) {
        for (const { watcher, snapshots } of conversations) {
          snapshots.push({ view: watcher.view, afterSeq: watcher.afterSeq })
        }
      }
      await gateway.restarted(gateway.killWorkerd())
    }
  }

  async function historyOf(sessionKey: string): Promise<readonly WireMessage[]> {
    const client = await gateway.connect()
    const pages: WireMessage[][] = []
    let before: number | null = null
    try {
      do {
        const params = { sessionKey, limit: HISTORY_PAGE, before }
        const page = (await patiently(() => client.request('chat.history', params))) as {
          messages: WireMessage[]
          nextBefore: number | null
        }
        pages.unshift(page.messages)
        before = page.nextBefore
      } while (before !== null)
    } finally {
      client.close()
    }
    return pages.flat()
  }

  /** So many reconnections use up what one credential may ask in a minute. */
  async function patiently(ask: () => Promise<unknown>): Promise<unknown> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        const waitMs = error instanceof RefusedError ? error.refusal.retryAfterMs : undefined
        if (waitMs === undefined) throw error
        await delay(waitMs)
      }
    }
  }

  beforeAll(async () => {
    vendor = await startVendor({ kind: 'openai', script: writer })
    witness = await openWitness()
    gateway = await startGatewayProcess({ env: COLD_RUNNER })
    await prepare()
    conversations = [
      newConversation('one', 'default', 1),
      newConversation('two', 'default', 2, true),
      newConversation('three', 'writer', 3),
    ]
    let isOver = false
    const talking = conversations.map((conversation) => converse(conversation, () => isOver))
    // Ends by failing alone, or when it is closed.
    const watching = conversations.map(({ watcher }) => watcher.follow(() => false))
    for (const ending of [...talking, ...watching]) ending.catch(() => undefined)
    const killing = killOften(seededRandom(SEED), () => isOver).finally(() => {
      isOver = true
    })
    killing.catch(() => undefined)
    // Whichever fails first ends all: a client that is stuck would otherwise be waited for.
    try {
      await Promise.race([Promise.all([killing, ...talking]), ...watching])
    } finally {
      isOver = true
    }
    for (const { driver, watcher } of conversations) {
      await driver.follow(() => !driver.isBusy)
      const last = () => watcher.afterSeq >= driver.afterSeq
      await Promise.race([watcher.follow(last), Promise.all(watching)])
    }
  })

  afterAll(async () => {
    for (const { driver, watcher } of conversations ?? []) {
      driver.close()
      watcher.close()
    }
    witness?.close()
    await gateway?.stop()
    await vendor?.close()
  })

  it('every kill met a run that had been acknowledged and was not over', () => {
    const messages = conversations.flatMap(({ sent }) => sent).length
    console.info(`seed ${SEED}: ${killsInRun} kills over ${messages} messages`)
    expect(killsInRun).toBe(KILLS)
    expect(messages).toBeGreaterThan(KILLS / 5)
  })

  it('no acknowledged message is lost and none appears twice', async () => {
    for (const { sessionKey, sent } of conversations) {
      const history = await historyOf(sessionKey)
      const stored = history.filter(({ role }) => role === 'user').map(({ content }) => content)
      expect(stored.toSorted()).toEqual(sent.map(({ message }) => message).toSorted())
    }
  })

  it('every run ended and no session is left running', async () => {
    const client = await gateway.connect()
    for (const { driver, sessionKey } of conversations) {
      const outcomes = [...driver.view.values()].map(({ outcome }) => outcome?.kind)
      expect(outcomes.every((kind) => kind === 'completed' || kind === 'failed')).toBe(true)
      const status = await patiently(() => client.request('chat.session.status', { sessionKey }))
      expect(status).toMatchObject({ isRunning: false })
    }
    client.close()
  })

  it('no tool call is executed twice, as the engine saw it', async () => {
    const runIds = new Set(conversations.flatMap(({ driver }) => [...driver.view.keys()]))
    const calls = () =>
      [...witness.started()].filter(([execId]) => runIds.has(execId.split('.')[0] ?? ''))
    const histories = await Promise.all(
      conversations.map(({ sessionKey }) => historyOf(sessionKey)),
    )
    const results = histories.flat().filter(({ role }) => role === 'tool')
    const answered = results.filter(({ content }) => content.includes('[exit code'))
    // The engine tells of a start a moment after it; what has an exit code was surely started.
    await until('the witness has seen them', () => calls().length >= answered.length, 5_000)
    console.info(
      `${results.length} calls, ${answered.length} with an exit code, ${calls().length} seen by the engine`,
    )
    expect(calls().filter(([, { containers, execs }]) => containers > 1 || execs > 1)).toEqual([])
    expect(calls().length).toBeLessThanOrEqual(results.length)
    expect(answered.length).toBeGreaterThan(0)
  })

  it('every call has one result, and a result that was told happened in the workspace once', async () => {
    for (const { sessionKey, file, agent } of conversations) {
      const history = await historyOf(sessionKey)
      const called = history.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
      const answered = history.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id]))
      expect(answered.toSorted()).toEqual(called.toSorted())
      const reader = newFollower(`agent:${agent}:ws:direct:reader-${file}`)
      const lines = await readLines(reader, agent, file)
      reader.close()
      expect(new Set(lines).size).toBe(lines.length)
    }
  })

  /** Through the agent's own tools, as anybody would look. */
  async function readLines(
    reader: Follower,
    agent: string,
    file: string,
  ): Promise<readonly string[]> {
    const message = agent === 'writer' ? `reader work: cat ${file}` : `run: cat ${file}`
    await reader.say(message, `read-${file}`)
    const [message2] = (await historyOf(`agent:${agent}:ws:direct:reader-${file}`)).filter(
      ({ role }) => role === 'tool',
    )
    return (message2?.content ?? '').split('\n').filter((line) => !line.startsWith('['))
  }

  it('clients that come back with different afterSeq end with the same transcript', async () => {
    for (const { sessionKey, driver, watcher, snapshots } of conversations) {
      const expected = settled(driver.view)
      expect(settled(watcher.view)).toEqual(expected)
      for (const from of [{ view: new Map(), afterSeq: 0 }, ...snapshots]) {
        const late = newFollower(sessionKey, from)
        await late.connected()
        await late.follow(() => !late.isBusy)
        expect(settled(late.view)).toEqual(expected)
        late.close()
      }
    }
  })

  it('a reply that was cut and begun anew is drawn once, not twice', () => {
    for (const { driver } of conversations) {
      for (const { outcome, draft } of driver.view.values()) {
        if (outcome?.kind === 'completed') expect(outcome.content.startsWith(draft)).toBe(true)
      }
    }
  })

  it('the stored transcript is the one that clients were told', async () => {
    for (const { sessionKey, driver } of conversations) {
      const history = await historyOf(sessionKey)
      const stored = new Set(
        history.flatMap(({ role, content }) => (role === 'assistant' ? [content] : [])),
      )
      for (const { outcome } of driver.view.values()) {
        if (outcome?.kind === 'completed') expect(stored).toContain(outcome.content)
      }
    }
  })

  it('the tenant soon holds nothing for alive that died with workerd', async () => {
    const client = await gateway.connect()
    const living = conversations.length * 2 + 1
    const view = async () => {
      const { clients } = (await patiently(() => client.request('status'))) as { clients: number }
      const { agents } = (await patiently(() => client.request('agents.list'))) as {
        agents: readonly { id: string; isRunning: boolean }[]
      }
      const running = agents.filter(({ isRunning }) => isRunning).map(({ id }) => id)
      return { running, hasDeadClients: clients > living }
    }
    await expect
      .poll(view, { timeout: WATCHDOG_MS, interval: 250 })
      .toEqual({ running: [], hasDeadClients: false })
    client.close()
  })
})
