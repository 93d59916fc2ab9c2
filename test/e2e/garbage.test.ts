/**
 * Ten thousand frames of garbage against one session: bytes, JSON of any shape, valid frames with
 * faults in them, frames too large. Each is answered, or costs its sender the socket with a code of
 * the protocol; the session lives on, and the gateway's memory stays where it was.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

const FRAMES = 10_000
/** Of so many frames fewer than a hundred are requests that a key's bucket counts. */
const KEY_FRAMES = 200
/** Shrinking is of no use here: what matters is the whole flood. */
const SEED = 20_260_101
const SESSION = 'agent:default:ws:direct:garbage'
/** Close codes that the protocol knows: policy, too large, too slow. */
const DEFINED_CLOSES = [1008, 1009, 1013]
const CODES = [
  'INVALID_REQUEST',
  'UNAUTHORIZED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'RESOURCE_EXHAUSTED',
]

/** What an operator may call, but for what would rightly empty or delete the session. */
const METHODS = [
  'health',
  'status',
  'chat.send',
  'chat.abort',
  'chat.stop',
  'chat.inject',
  'chat.history',
  'chat.session.status',
  'sessions.list',
  'sessions.preview',
  'sessions.patch',
  'sessions.resume',
  'agents.list',
  'agent',
  'agents.create',
  'providers.create',
  'models.list',
  'tenants.mine',
  'tenants.create',
  'api_keys.create',
  'config.get',
  'config.patch',
  'connect',
  '__proto__',
  'constructor',
]
const PARAMS = ['sessionKey', 'key', 'message', 'limit', 'before', 'afterSeq', 'runId', 'agentId']

const method = fc.oneof(fc.constantFrom(...METHODS), fc.string())
const params = fc.oneof(
  fc.dictionary(fc.constantFrom(...PARAMS), fc.jsonValue(), { maxKeys: 4 }),
  fc.jsonValue(),
)
const id = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.jsonValue())
const frame = fc
  .record(
    { type: fc.constantFrom('req', 'res', 'event', 7), id, method, params },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value))

const valid = fc
  .record({ type: fc.constant('req'), id: fc.nat(), method: fc.constantFrom(...METHODS), params })
  .map((value) => JSON.stringify(value))

/** A valid frame with a piece taken out, put in, or said twice. */
const mutated = fc
  .tuple(
    valid,
    fc.nat(400),
    fc.nat(20),
    fc.oneof(fc.string(), fc.constantFrom('"', '{', '\\', '\0')),
  )
  .map(([text, at, length, piece]) => {
    const start = at % (text.length + 1)
    return text.slice(0, start) + piece + text.slice(start + length)
  })

const nested = fc.nat(2_000).map((depth) => `{"a":${'['.repeat(depth)}`)
const bytes = fc.uint8Array({ maxLength: 300 })
const garbage = fc.oneof(
  { weight: 2, arbitrary: fc.string({ maxLength: 300, unit: 'binary' }) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 4, arbitrary: frame },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: bytes },
)

let gateway: GatewayProcess
let operator: GatewayClient
let key: string

async function newKey(): Promise<string> {
  const created = (await operator.request('api_keys.create', {
    name: 'garbage',
    scopes: ['operator.write'],
    owner_id: 'alice',
  })) as { key: string }
  return created.key
}

beforeAll(async () => {
  gateway = await startGatewayProcess({ args: ['--no-runner', '--quiet'] })
  operator = await gateway.connect()
  key = await newKey()
  await operator.request('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  const socket = await Raw.open()
  expect(await socket.isAnswering()).toBe(true)
  socket.close()
})
afterAll(async () => {
  operator?.close()
  await gateway?.stop()
})

/** A session socket that sends whatever it is given. */
class Raw {
  readonly #socket: WebSocket
  readonly answers: string[] = []
  closed: { readonly code: number } | null = null
  #onChange: () => void = () => undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const text = String(data)
      if (!text.startsWith('{"type":"event"')) this.answers.push(text)
      this.#onChange()
    })
    socket.addEventListener('close', ({ code }) => {
      this.closed = { code }
      this.#onChange()
    })
  }

  static async open(): Promise<Raw> {
    const url = `${gateway.url.replace('http', 'ws')}/v1/sessions/${encodeURIComponent(SESSION)}/ws`
    const token = Buffer.from(key).toString('base64url')
    const socket = new WebSocket(url, ['edgeclaw.v3', `bearer.${token}`])
    const raw = new Raw(socket)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true })
      socket.addEventListener('error', reject, { once: true })
    })
    return raw
  }

  send(data: string | Uint8Array): void {
    if (this.closed === null) this.#socket.send(data as string)
  }

  /** Until that many answers came, or the socket was closed. */
  async settled(count: number): Promise<void> {
    while (this.answers.length < count && this.closed === null) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
  }

  async isAnswering(): Promise<boolean> {
    const before = this.answers.length
    const request = { type: 'req', id: 'alive', method: 'chat.send', params: { message: 'hello' } }
    this.send(JSON.stringify(request))
    await this.settled(before + 1)
    return this.answers.at(-1)?.includes('"ok":true') === true
  }

  close(): void {
    this.#socket.close()
  }
}

interface Answer {
  readonly type: string
  readonly ok: boolean
  readonly error?: { readonly code: string; readonly retryAfterMs?: number }
}

function judge(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const text of answers) {
    const { type, ok, error } = JSON.parse(text) as Answer
    expect(type).toBe('res')
    if (!ok) expect(CODES).toContain(error?.code)
    if (error?.code === 'RESOURCE_EXHAUSTED') expect(error.retryAfterMs).toBeGreaterThan(0)
    const kind = error?.code ?? 'ok'
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

const megabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

describe('ten thousand frames of garbage', () => {
  it('are each answered when they come slowly enough to be read', async () => {
    const samples = fc.sample(garbage, { numRuns: FRAMES, seed: SEED })
    const before = megabytes(gateway.workerdPid())
    const pid = gateway.workerdPid()
    const total: Record<string, number> = {}
    // Below the burst of one socket's bucket and of one key's, so that every frame is read to its end.
    for (let i = 0; i < samples.length; i += 100) {
      if (i % KEY_FRAMES === 0) key = await newKey()
      const wave = samples.slice(i, i + 100)
      const socket = await Raw.open()
      for (const sample of wave) socket.send(sample)
      await socket.settled(wave.length)
      if (socket.closed) expect(DEFINED_CLOSES).toContain(socket.closed.code)
      else expect(socket.answers).toHaveLength(wave.length)
      for (const [kind, n] of Object.entries(judge(socket.answers))) {
        total[kind] = (total[kind] ?? 0) + n
      }
      socket.close()
    }
    expect(total['INVALID_REQUEST']).toBeGreaterThan(FRAMES / 2)
    expect(total['ok']).toBeGreaterThan(100)
    expect(total['UNAUTHORIZED']).toBeGreaterThan(10)
    expect(gateway.workerdPid()).toBe(pid)
    expect(megabytes(pid) - before).toBeLessThan(200)
    const socket = await Raw.open()
    expect(await socket.isAnswering()).toBe(true)
    socket.close()
  })

  it('at once on one socket are refused by rate, or cost the socket that does not read', async () => {
    const samples = fc.sample(garbage, { numRuns: FRAMES, seed: SEED + 1 })
    const pid = gateway.workerdPid()
    let socket = await Raw.open()
    const total: Record<string, number> = {}
    for (let i = 0; i < samples.length; i += 500) {
      const wave = samples.slice(i, i + 500)
      const before = socket.answers.length
      for (const sample of wave) socket.send(sample)
      await socket.settled(before + wave.length)
      if (socket.closed === null) continue
      expect(DEFINED_CLOSES).toContain(socket.closed.code)
      for (const [kind, n] of Object.entries(judge(socket.answers)))
        total[kind] = (total[kind] ?? 0) + n
      socket = await Raw.open()
    }
    judge(socket.answers)
    socket.close()
    expect(total['RESOURCE_EXHAUSTED'] ?? 0).toBeGreaterThan(1_000)
    expect(gateway.workerdPid()).toBe(pid)
    const fresh = await Raw.open()
    expect(await fresh.isAnswering()).toBe(true)
    fresh.close()
  })

  it('that are too large close their socket with 1009, and nothing else', async () => {
    const pid = gateway.workerdPid()
    for (const size of [512 * 1024 + 1, 1024 * 1024, 4 * 1024 * 1024]) {
      for (const data of ['x'.repeat(size), new Uint8Array(size)]) {
        const socket = await Raw.open()
        const neighbour = await Raw.open()
        socket.send(data)
        await socket.settled(Number.POSITIVE_INFINITY)
        expect(socket.closed).toEqual({ code: 1009 })
        expect(await neighbour.isAnswering()).toBe(true)
        neighbour.close()
      }
    }
    expect(gateway.workerdPid()).toBe(pid)
  })
})
