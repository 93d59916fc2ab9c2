import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Gateway } from '../../../../src/dashboard/client/gateway.ts'

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
