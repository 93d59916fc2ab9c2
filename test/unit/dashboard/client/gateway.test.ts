import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Gateway } from '../../../../src/dashboard/client/gateway.ts'
import { Elsewhere, Refused } from '../../../../src/dashboard/client/refusal.ts'
import { chosenTenant } from '../../../../src/dashboard/client/session-token.ts'
import { newQueryClient } from '../../../../src/dashboard/client/use-operation.ts'
import { beginVisit, currentVisit } from '../../../../src/dashboard/client/visit.ts'
import { LiveConversation } from '../../../../src/dashboard/pages/chat/live-conversation.ts'

// The page's own gateway is made with the module.
vi.hoisted(() => vi.stubGlobal('addEventListener', () => undefined))

/** A socket of which the test decides when it opens, what it is answered and when it ends. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  static made: FakeSocket[] = []
  readyState = 0
  readonly sent: { readonly id: string; readonly method: string; readonly params: object }[] = []

  constructor() {
    super()
    FakeSocket.made.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(code = 1000): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }

  open(): void {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }

  answer(payload: object): void {
    const { id } = this.sent.at(-1) ?? {}
    const data = JSON.stringify({ type: 'res', id, ok: true, payload })
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  refuse(error: object): void {
    const { id } = this.sent.at(-1) ?? {}
    const data = JSON.stringify({ type: 'res', id, ok: false, error })
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  tell(event: string): void {
    const data = JSON.stringify({ type: 'event', event })
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
}

/** Lets everything go on that waits for nothing but promises. */
const settle = () => vi.advanceTimersByTimeAsync(0)

async function connect(socket: FakeSocket | undefined, tenant: string): Promise<void> {
  socket?.open()
  await settle()
  socket?.answer({ role: 'owner', scopes: [], user_id: 'anna', tenant_id: tenant })
  await settle()
}

/** Those that are open or on their way. */
const standing = () => FakeSocket.made.filter(({ readyState }) => readyState !== 3)

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.made = []
  const kept = new Map<string, string>()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('document', { querySelector: () => null })
  vi.stubGlobal('location', { origin: 'https://gateway.example' })
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  })
})
afterEach(() => {
  beginVisit(null)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function signedIn(token = 'ect_1'): Promise<Gateway> {
  const gateway = new Gateway()
  const entered = gateway.signIn(token)
  await connect(FakeSocket.made[0], 'tnt_1')
  await entered
  return gateway
}

it('comes back by itself when its socket was lost', async () => {
  const gateway = await signedIn()
  const reopened = vi.fn()
  gateway.onReopened(reopened)
  FakeSocket.made[0]?.close(1006)
  await settle()
  expect(gateway.state).toMatchObject({ kind: 'reconnecting', hello: { tenant_id: 'tnt_1' } })
  await connect(FakeSocket.made[1], 'tnt_1')
  expect(gateway.state.kind).toBe('open')
  expect(reopened).toHaveBeenCalledOnce()
})

it('comes back ever later when each connection breaks as soon as it stands', async () => {
  await signedIn()
  for (let broken = 0; broken < 20; broken++) {
    const last = FakeSocket.made.at(-1)
    if (last?.readyState === 0) await connect(last, 'tnt_1')
    last?.close(1013)
    await vi.advanceTimersByTimeAsync(500)
  }
  // In ten seconds, of which each would have been worth many.
  expect(FakeSocket.made.length).toBeLessThan(10)
})

it('comes back at once when its connection held for a while', async () => {
  await signedIn()
  for (let broken = 1; broken < 5; broken++) {
    await vi.advanceTimersByTimeAsync(15_000)
    FakeSocket.made.at(-1)?.tell('health')
    FakeSocket.made.at(-1)?.close(1006)
    await settle()
    await connect(FakeSocket.made.at(-1), 'tnt_1')
    expect(FakeSocket.made).toHaveLength(broken + 1)
  }
})

it('keeps one socket when another tenant is opened while it comes back', async () => {
  const gateway = await signedIn()
  const heard = vi.fn()
  gateway.onEvent(heard)
  FakeSocket.made[0]?.close(1006)
  await settle()
  const switched = gateway.switchTenant('tnt_2')
  const [, comingBack, switching] = FakeSocket.made
  await connect(switching, 'tnt_2')
  await switched
  await connect(comingBack, 'tnt_1')
  expect(gateway.state).toMatchObject({ kind: 'open', hello: { tenant_id: 'tnt_2' } })
  expect(standing()).toEqual([switching])
  switching?.tell('health')
  expect(heard).toHaveBeenCalledOnce()
})

it('is not signed in again by what was on its way when it was signed out', async () => {
  const gateway = await signedIn()
  FakeSocket.made[0]?.close(1006)
  await settle()
  gateway.signOut()
  await connect(FakeSocket.made[1], 'tnt_1')
  expect(gateway.state).toEqual({ kind: 'signed_out', because: null })
  expect(standing()).toEqual([])
})

it('is signed out when its access has ended', async () => {
  const gateway = await signedIn()
  FakeSocket.made[0]?.close(1008)
  await settle()
  expect(gateway.state).toEqual({
    kind: 'signed_out',
    because: 'Your access has ended. Sign in again.',
  })
  expect(FakeSocket.made).toHaveLength(1)
})

it('leaves at once, and ends at the gateway what a sign-in made, whether that answers or not', async () => {
  const asked = vi.fn(() => Promise.reject(new Error('offline')))
  vi.stubGlobal('fetch', asked)
  const gateway = await signedIn('els_acme_1')
  gateway.leave()
  expect(gateway.state).toEqual({ kind: 'signed_out', because: null })
  expect([standing(), sessionStorage.getItem('edgeclaw.token')]).toEqual([[], null])
  await settle()
  expect(asked.mock.calls).toEqual([
    [
      'https://gateway.example/v1/login-sessions/logout',
      { method: 'POST', headers: { authorization: 'Bearer els_acme_1' }, keepalive: true },
    ],
  ])
})

it('ends no key and no gateway token with whoever leaves', async () => {
  const asked = vi.fn()
  vi.stubGlobal('fetch', asked)
  for (const token of ['ect_1', 'eck_acme_1', 'elsewhere']) {
    const gateway = await signedIn(token)
    gateway.leave()
    expect(gateway.state).toEqual({ kind: 'signed_out', because: null })
    FakeSocket.made = []
  }
  expect(asked).not.toHaveBeenCalled()
})

describe('what was begun in one tenant', () => {
  const asked = (socket: FakeSocket | undefined) =>
    socket?.sent.map(({ method }) => method).filter((method) => method !== 'ack')

  async function goElsewhere(gateway: Gateway): Promise<FakeSocket | undefined> {
    const switched = gateway.switchTenant('tnt_2')
    await connect(FakeSocket.made.at(-1), 'tnt_2')
    await switched
    await settle()
    return FakeSocket.made.at(-1)
  }

  it('is not said in another: a message that was not answered yet', async () => {
    const gateway = await signedIn()
    const live = new LiveConversation('agent:main:1', gateway, { isNew: true })
    void live.send('for the first tenant')
    await settle()
    expect(asked(FakeSocket.made[0])).toContain('chat.send')
    const elsewhere = await goElsewhere(gateway)
    expect(asked(elsewhere)).toEqual(['connect'])
    expect(live.value.outgoing).toMatchObject([{ state: 'failed' }])
  })

  it('is not asked in another: what a conversation waited to ask', async () => {
    const gateway = await signedIn()
    const live = new LiveConversation('agent:main:1', gateway)
    live.reload()
    await settle()
    const elsewhere = await goElsewhere(gateway)
    expect(asked(elsewhere)).toEqual(['connect'])
    live.dispose()
  })

  it('is not asked in another: a question that was not answered yet', async () => {
    const gateway = await signedIn()
    const page = gateway.read('audit.export', { after: 500 }).catch((error: unknown) => error)
    await settle()
    const elsewhere = await goElsewhere(gateway)
    expect(asked(elsewhere)).toEqual(['connect'])
    expect(await page).toBeInstanceOf(Elsewhere)
  })

  it('is not changed in another: what waits for a connection', async () => {
    const gateway = await signedIn()
    FakeSocket.made[0]?.close(1006)
    await settle()
    const change = gateway.change('agents.delete', { agentId: 'main' }).catch((error) => error)
    const elsewhere = await goElsewhere(gateway)
    expect(asked(elsewhere)).toEqual(['connect'])
    expect(await change).toBeInstanceOf(Elsewhere)
  })

  it('is not changed in another: what was refused for its pace', async () => {
    const gateway = await signedIn()
    const change = gateway.change('agents.delete', { agentId: 'main' }).catch((error) => error)
    await settle()
    FakeSocket.made[0]?.refuse({ code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: 900 })
    const elsewhere = await goElsewhere(gateway)
    // At once: it waits for nothing any more.
    expect(await change).toBeInstanceOf(Elsewhere)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked(elsewhere)).toEqual(['connect'])
  })

  it('goes on in it, over a new connection as well', async () => {
    const gateway = await signedIn()
    const visit = currentVisit()
    FakeSocket.made[0]?.close(1006)
    await settle()
    const change = gateway.change('agents.delete', { agentId: 'main' }, visit)
    await settle()
    await connect(FakeSocket.made[1], 'tnt_1')
    FakeSocket.made[1]?.refuse({ code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: 900 })
    await vi.advanceTimersByTimeAsync(1_000)
    FakeSocket.made[1]?.answer({ ok: true })
    expect(await change).toEqual({ ok: true })
    expect(asked(FakeSocket.made[1])).toEqual(['connect', 'agents.delete', 'agents.delete'])
  })
})

describe('what is refused for its pace', () => {
  const refusal = { code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: 100 }
  const asked = (socket: FakeSocket | undefined, name: string) =>
    socket?.sent.filter(({ method }) => method === name).length

  it('is asked again, whoever asks', async () => {
    const gateway = await signedIn()
    const page = gateway.read('audit.export', { after: 500 })
    await settle()
    FakeSocket.made[0]?.refuse({ ...refusal, message: 'wait' })
    await vi.advanceTimersByTimeAsync(200)
    FakeSocket.made[0]?.answer({ ndjson: '', next: null })
    expect(await page).toEqual({ ndjson: '', next: null })
    expect(asked(FakeSocket.made[0], 'audit.export')).toBe(2)
  })

  it('is asked six times at most, by a query as well', async () => {
    const gateway = await signedIn()
    const queries = newQueryClient()
    const queryFn = () => gateway.read('agents.list', {})
    const query = queries.fetchQuery({ queryKey: ['agents'], queryFn }).catch((error) => error)
    for (let refused = 0; refused < 18; refused++) {
      await settle()
      FakeSocket.made[0]?.refuse({ ...refusal, message: 'wait' })
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(await query).toBeInstanceOf(Refused)
    expect(asked(FakeSocket.made[0], 'agents.list')).toBe(6)
    queries.clear()
  })

  it('is asked no more once nobody wants it', async () => {
    const gateway = await signedIn()
    const leaving = new AbortController()
    const gone = new Error('the page was left')
    const page = gateway.read('agents.list', {}, leaving.signal).catch((error) => error)
    await settle()
    FakeSocket.made[0]?.refuse({ ...refusal, message: 'wait' })
    await settle()
    leaving.abort(gone)
    expect(await page).toBe(gone)
    await vi.advanceTimersByTimeAsync(8_000)
    expect(asked(FakeSocket.made[0], 'agents.list')).toBe(1)
  })
})

describe('another tenant', () => {
  it('is where files are asked for only as soon as it is open', async () => {
    const gateway = await signedIn()
    const switched = gateway.switchTenant('tnt_2')
    await settle()
    expect(chosenTenant.get()).toBeNull()
    await connect(FakeSocket.made[1], 'tnt_2')
    await switched
    expect(chosenTenant.get()).toBe('tnt_2')
  })

  it('is the one that was asked for last, whichever opens first', async () => {
    const gateway = await signedIn()
    const both = [gateway.switchTenant('tnt_2'), gateway.switchTenant('tnt_3')]
    const [, second, third] = FakeSocket.made
    await connect(third, 'tnt_3')
    await connect(second, 'tnt_2')
    await Promise.all(both)
    expect(gateway.state).toMatchObject({ kind: 'open', hello: { tenant_id: 'tnt_3' } })
    expect(chosenTenant.get()).toBe('tnt_3')
    expect(standing()).toEqual([third])
  })

  it('is not opened for whoever signed out meanwhile', async () => {
    const gateway = await signedIn()
    const switched = gateway.switchTenant('tnt_2')
    gateway.signOut()
    await connect(FakeSocket.made[1], 'tnt_2')
    await switched
    expect(gateway.state.kind).toBe('signed_out')
    expect(chosenTenant.get()).toBeNull()
    expect(standing()).toEqual([])
  })
})
