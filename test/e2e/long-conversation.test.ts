/**
 * One conversation of thousands of turns with a model whose window holds a few dozen, and SIGKILLs to
 * workerd on the way: some while it summarises, some anywhere. What the model is sent is judged by
 * the vendor that gets it.
 *
 * EDGECLAW_TURNS sets how long it is (default 2000), EDGECLAW_SEED repeats a run's choices.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SUMMARISER_PROMPT } from '../../src/agent/summary.ts'
import type { GatewayClient } from '../../src/cli/client.ts'
import { Follower } from '../support/follower.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { seededRandom } from '../support/random.ts'
import type { SessionView } from '../support/run-view.ts'
import { createVendorAgents } from '../support/vendor-agents.ts'
import type { Behaviour, VendorRequest } from '../support/vendors/script.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'

const TURNS = Number(process.env['EDGECLAW_TURNS'] || 2_000)
const SEED = Number(process.env['EDGECLAW_SEED'] || 20_251_127)
const KILLS = 10
/** Of the ten: while a summary is being made. The rest fall into any turn. */
const KILLS_IN_SUMMARY = 4
const WINDOW_TOKENS = 8_000
const CHARS_PER_TOKEN = 4
const FACT_TURN = 3
const FACT = 'the vault is number 4711'
const SESSION = 'agent:talker:ws:direct:long'
/** A look-up now and then: its result must never stand without its call. */
const LOOK_EVERY = 7
/** A socket may ask a hundred times at once; the talk is faster than its bucket is filled again. */
const TURNS_PER_SOCKET = 80
const HISTORY_PAGE = 200
const FILLER = 'and so it went on and on, as such things do. '.repeat(4)

interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content?: unknown
  readonly tool_calls?: readonly { readonly id: string }[]
  readonly tool_call_id?: string
}

interface ChatBody {
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly {
    readonly function: {
      readonly name: string
      readonly parameters: { readonly required?: readonly string[] }
    }
  }[]
}

const textOf = ({ content }: ChatMessage): string =>
  typeof content === 'string' ? content : JSON.stringify(content ?? '')

/** Why a vendor would refuse this, or a model not hold it. */
function faultsOf({ messages, tools }: ChatBody): readonly string[] {
  const faults: string[] = []
  const tokens =
    (JSON.stringify(messages).length + JSON.stringify(tools ?? []).length) / CHARS_PER_TOKEN
  if (tokens > WINDOW_TOKENS) faults.push(`${Math.round(tokens)} tokens`)
  let open = new Set<string>()
  for (const { role, tool_calls: calls = [], tool_call_id: id } of messages) {
    if (role === 'tool') {
      if (!open.delete(id ?? '')) faults.push(`result without call ${id}`)
      continue
    }
    if (open.size > 0) faults.push(`calls without results: ${[...open].join(' ')}`)
    open = new Set(calls.map((call) => call.id))
  }
  if (open.size > 0) faults.push(`calls without results: ${[...open].join(' ')}`)
  return faults
}

/** Sums up, looks up, recalls; and has a look at everything that it is sent. */
class Talker {
  readonly faults: string[] = []
  summaries = 0
  requests = 0
  onSummary: () => void = () => undefined
  onTurn: () => void = () => undefined

  readonly answer = ({ body }: VendorRequest): Behaviour => {
    const chat = body as ChatBody
    this.requests++
    this.faults.push(...faultsOf(chat))
    const [system] = chat.messages
    const all = JSON.stringify(chat.messages)
    if (system && textOf(system) === SUMMARISER_PROMPT) {
      this.summaries++
      this.onSummary()
      const known = all.includes(FACT)
        ? `It was said that ${FACT}.`
        : 'Nothing was said of a vault.'
      return { type: 'answer', text: `${known} They talked.`, delayMs: 15 }
    }
    this.onTurn()
    const last = chat.messages.at(-1)
    const asked = chat.messages.findLast(({ role }) => role === 'user')
    const words = asked ? textOf(asked) : ''
    if (last?.role === 'tool')
      return { type: 'answer', text: `Found: ${textOf(last).slice(0, 300)}` }
    if (words.includes('look around'))
      return { type: 'answer', calls: [{ id: 'call_look', name: 'list_files', arguments: {} }] }
    if (words.includes('by memory')) return this.#useMemory(chat, 'memory_search', 'vault')
    if (words.includes('note that')) return this.#useMemory(chat, 'memory_save', FACT)
    if (words.includes('which number'))
      return { type: 'answer', text: all.includes(FACT) ? FACT : 'I do not know' }
    return { type: 'answer', text: [`I see. ${FILLER}`] }
  }

  /** With the words in whatever the tool must be given first. */
  #useMemory({ tools = [] }: ChatBody, name: string, words: string): Behaviour {
    const [first = 'query', ...rest] =
      tools.find(({ function: tool }) => tool.name === name)?.function.parameters.required ?? []
    const args = Object.fromEntries([first, ...rest].map((field) => [field, words]))
    return { type: 'answer', calls: [{ id: `call_${name}`, name, arguments: args }] }
  }
}

interface WireMessage {
  readonly role: string
  readonly content: string
  readonly tool_calls?: readonly { readonly id: string }[]
  readonly tool_call_id?: string
}

describe(`a conversation of ${TURNS} turns, with ${KILLS} kills`, () => {
  const talker = new Talker()
  const random = seededRandom(SEED)
  const said: string[] = []
  let gateway: GatewayProcess
  let vendor: Vendor
  let driver: Follower
  let client: GatewayClient
  let kills = 0
  let killing: Promise<void> | null = null

  /** One at a time: whoever comes back is let come back first. */
  function kill(afterMs: number): void {
    if (killing || kills >= KILLS) return
    kills++
    killing = (async () => {
      await delay(afterMs)
      await gateway.restarted(gateway.killWorkerd())
      killing = null
    })()
    killing.catch(() => undefined)
  }

  function planKills(): void {
    const inSummaries = [1, 3, 5, 7].slice(0, KILLS_IN_SUMMARY)
    const rest = KILLS - KILLS_IN_SUMMARY
    // Spread over the talk, at moments of any turn.
    const marks = Array.from(
      { length: rest },
      (_, n) => Math.floor(((n + 1) * TURNS) / (rest + 1)) + random.below(20),
    )
    talker.onSummary = () => {
      if (inSummaries.includes(talker.summaries)) kill(random.below(160))
    }
    talker.onTurn = () => {
      const mark = marks.findIndex((turn) => turn <= said.length)
      if (mark < 0 || killing) return
      marks.splice(mark, 1)
      kill(random.below(40))
    }
  }

  function messageOf(turn: number): string {
    if (turn === FACT_TURN) return `${turn} note that ${FACT}`.replace('note', 'know')
    if (turn % LOOK_EVERY === 0) return `${turn} look around`
    return `${turn} ${FILLER}`
  }

  const newDriver = (from: { view?: SessionView; afterSeq?: number } = {}): Follower =>
    new Follower({ url: gateway.url, token: gateway.token, sessionKey: SESSION, ...from })
  /** With what it knows: as a person who closes the page and opens it again. */
  const comeBack = (): void => {
    const { view, afterSeq } = driver
    driver.close()
    driver = newDriver({ view, afterSeq })
  }
  const say = async (message: string): Promise<void> => {
    said.push(message)
    await driver.say(message, `key-${said.length}`)
  }
  const answerTo = (message: string): string | undefined => {
    const outcome = driver.runOf(message)?.outcome
    return outcome?.kind === 'completed' ? outcome.content : undefined
  }

  beforeAll(async () => {
    vendor = await startVendor({ kind: 'openai', script: talker.answer })
    gateway = await startGatewayProcess({ args: ['--no-runner', '--quiet'] })
    client = await gateway.connect()
    await createVendorAgents(client, vendor, ['talker'])
    await client.request('agents.update', {
      id: 'talker',
      settings: { context_window_tokens: WINDOW_TOKENS, max_output_tokens: 500 },
    })
    client.close()
    driver = newDriver()
    planKills()
    const began = performance.now()
    for (let turn = 1; turn <= TURNS; turn++) {
      if (turn % TURNS_PER_SOCKET === 0) comeBack()
      await say(messageOf(turn))
    }
    await killing
    talker.onSummary = talker.onTurn = () => undefined
    const seconds = Math.round((performance.now() - began) / 1000)
    console.info(
      `seed ${SEED}: ${TURNS} turns in ${seconds} s, ${talker.requests} requests, ${talker.summaries} summaries, ${kills} kills`,
    )
    client = await gateway.connect()
  }, 600_000)

  afterAll(async () => {
    driver?.close()
    client?.close()
    await gateway?.stop()
    await vendor?.close()
  })

  it('met all of its kills, and made room many times', () => {
    expect(kills).toBe(KILLS)
    expect(talker.summaries).toBeGreaterThan(TURNS / 100)
  })

  it('sent its model nothing that the window does not hold, and no half of a pair', () => {
    expect(talker.faults).toEqual([])
  })

  it('completed every run', () => {
    const outcomes = [...driver.view.values()].map(({ outcome }) => outcome?.kind)
    expect(outcomes).toHaveLength(TURNS)
    expect(new Set(outcomes)).toEqual(new Set(['completed']))
  })

  it('kept every message once in its history, each result behind its call', async () => {
    const history: WireMessage[] = []
    let before: number | null = null
    do {
      const params = { sessionKey: SESSION, limit: HISTORY_PAGE, before }
      const page = (await client.request('chat.history', params)) as {
        messages: WireMessage[]
        nextBefore: number | null
      }
      history.unshift(...page.messages)
      before = page.nextBefore
    } while (before !== null)
    expect(history.filter(({ role }) => role === 'user').map(({ content }) => content)).toEqual(
      said,
    )
    const looks = history.flatMap(({ tool_calls: calls = [] }, at) =>
      calls.map(({ id }) => history[at + 1]?.tool_call_id === id),
    )
    expect(looks).toHaveLength(Math.floor(TURNS / LOOK_EVERY))
    expect(looks.every(Boolean)).toBe(true)
  })

  it('still knows what was said in the third turn', async () => {
    await say('which number?')
    expect(answerTo('which number?')).toBe(FACT)
  })

  it('is summarised by hand, and knows it then as well', async () => {
    const before = talker.summaries
    const { runId } = (await client.request('sessions.compact', { sessionKey: SESSION })) as {
      runId: string
    }
    await driver.follow(() => driver.view.get(runId)?.outcome?.kind === 'completed')
    expect(talker.summaries).toBe(before + 1)
    await say('and which number now?')
    expect(answerTo('and which number now?')).toBe(FACT)
  })

  it('is answered through the memory tools, where they are offered', async ({ skip }) => {
    const { tools } = (await client.request('tools.list')) as {
      tools: readonly { readonly name: string }[]
    }
    const names = tools.map(({ name }) => name)
    if (!names.includes('memory_search') || !names.includes('memory_save')) skip('no memory tools')
    await say(`note that ${FACT}`)
    await say('by memory: where is it?')
    expect(answerTo('by memory: where is it?')).toContain('4711')
  })
})
