import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failsClosed, hooksOf } from '../../../../src/domain/run-hook.ts'
import { useQuietLog } from '../world.ts'
import { type Behaviour, openHookWorld, says, signatureOf, startHook } from './world.ts'

useQuietLog()

let opened: Awaited<ReturnType<typeof openHookWorld>>
let server: Awaited<ReturnType<typeof startHook>>
let behaviour: Behaviour

beforeEach(async () => {
  opened = await openHookWorld()
  behaviour = says({ decision: 'allow' })
  server = await startHook(() => behaviour)
})
afterEach(() => server.close())

const events = () => opened.world.events.map(({ name, fields }) => [name, fields['reason']])

describe('a hook', () => {
  it('is asked with a signed message, under the same id for the same question', async () => {
    const hook = await opened.hook(server.url)
    expect(await opened.ask([hook])).toEqual({ blocked: null, contexts: [] })
    await opened.ask([hook])
    const [first, second] = server.heard
    if (!first || !second) throw new Error('not asked')
    expect(first.headers['webhook-signature']).toBe(signatureOf(opened.secret, first))
    expect(first.headers['webhook-id']).toBe(second.headers['webhook-id'])
    expect(JSON.parse(first.body)).toMatchObject({ type: 'pre_tool_use', data: { tool: 'exec' } })
    expect(opened.dictionary.contains(opened.secret)).toBe(true)
  })

  it('blocks, and whoever comes after it is not asked', async () => {
    behaviour = says({ decision: 'block', reason: 'not\ntoday' })
    const hooks = [await opened.hook(server.url), await opened.hook(server.url)]
    const { blocked } = await opened.ask(hooks)
    expect(blocked).toEqual({ hook: 'hook-1', reason: 'not today', isFailure: false })
    expect(server.heard).toHaveLength(1)
    expect(events()).toEqual([['hook_blocked', undefined]])
  })

  it('says things in the order of the hooks, and only so much of them', async () => {
    let n = 0
    behaviour = (response) =>
      says({ decision: 'allow', context: `${++n} ${'x'.repeat(9_000)}` })(response, {} as never)
    const hooks = [await opened.hook(server.url), await opened.hook(server.url)]
    const { contexts } = await opened.ask(hooks)
    expect(contexts.map((text) => [text.slice(0, 2), text.length])).toEqual([
      ['1 ', 8_000],
      ['2 ', 8_000],
    ])
  })

  it.each<[string, string, Behaviour]>([
    ['no JSON', 'answer', (response) => void response.end('allow')],
    ['no decision', 'answer', says({ allow: true })],
    ['a decision that there is not', 'answer', says({ decision: 'approve' })],
    ['a context that is no text', 'answer', says({ decision: 'allow', context: { a: 1 } })],
    ['an error', 'status', (response) => void response.writeHead(500).end('{"decision":"allow"}')],
    [
      'a redirect to itself',
      'refused',
      (response) => void response.writeHead(307, { location: '/hook' }).end(),
    ],
    [
      'a redirect to a metadata service',
      'refused',
      (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    ],
    [
      'too much',
      'too_large',
      (response) =>
        void response.end(JSON.stringify({ decision: 'allow', context: 'x'.repeat(70_000) })),
    ],
    ['a connection that breaks', 'unreachable', (response) => void response.destroy()],
  ])('that answers %s has not allowed anything', async (_, reason, behave) => {
    behaviour = behave
    const closed = await opened.hook(server.url)
    expect((await opened.ask([closed])).blocked).toMatchObject({ isFailure: true, reason: '' })
    expect(events()[0]).toEqual(['hook_failed', reason])
    const open = await opened.hook(server.url, { failure: 'open' })
    expect(await opened.ask([open])).toEqual({ blocked: null, contexts: [] })
    expect(server.heard.length).toBeLessThanOrEqual(2)
  })

  it('that drips its answer is cut off in time', async () => {
    behaviour = (response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(timer))
    }
    const started = performance.now()
    const { blocked } = await opened.ask([await opened.hook(server.url)])
    expect(blocked).toMatchObject({ isFailure: true })
    expect(performance.now() - started).toBeLessThan(6_500)
    expect(events()[0]).toEqual(['hook_failed', 'timeout'])
  }, 10_000)

  it('that is asked too late in its chain is not asked', async () => {
    const { services } = opened.parts
    let now = 1_000
    const late = { ...services, now: () => (now += 6_000) }
    const hooks = [await opened.hook(server.url), await opened.hook(server.url)]
    const { blocked } = await opened.ask(hooks, { services: late })
    expect(blocked).toMatchObject({ isFailure: true })
    expect(events().at(-1)).toEqual(['hook_failed', 'out_of_time'])
  })

  it.each([
    ['a loopback address', 'https://127.0.0.1/'],
    ['a metadata service', 'https://169.254.169.254/'],
    ['a name of the inside', 'https://hook.internal/'],
    ['plain http', 'http://hook.example/'],
  ])('at %s is not reached without the operator’s leave', async (_, url) => {
    const hook = await opened.hook(url, { allowPrivateNetwork: false })
    expect((await opened.ask([hook])).blocked).toMatchObject({ isFailure: true })
    expect(server.heard).toEqual([])
  })

  it('without a secret, or with another row’s, is not called', async () => {
    const bare = await opened.hook(server.url, { sealedSecret: null })
    const { sealedSecret } = await opened.hook(server.url)
    const moved = await opened.hook(server.url, { sealedSecret })
    for (const hook of [bare, moved]) {
      expect((await opened.ask([hook])).blocked).toMatchObject({ isFailure: true })
    }
    expect(server.heard).toEqual([])
    expect(events()).toEqual([
      ['hook_failed', 'secret'],
      ['hook_failed', 'secret'],
    ])
  })

  it('is reached by nobody while the network is stopped, or without settings', async () => {
    const stop = { kind: 'network' } as never
    const hook = await opened.hook(server.url)
    expect((await opened.ask([hook], { snapshot: { stops: [stop] } })).blocked).not.toBe(null)
    expect((await opened.ask([hook], { settings: null })).blocked).not.toBe(null)
    expect(server.heard).toEqual([])
  })

  it('that fails again and again is left alone for a while, and still blocks', async () => {
    behaviour = (response) => void response.writeHead(500).end()
    const hook = await opened.hook(server.url)
    for (let n = 0; n < 8; n++) {
      expect((await opened.ask([hook])).blocked).toMatchObject({ isFailure: true })
    }
    expect(server.heard).toHaveLength(5)
    const open = { ...hook, failure: 'open' as const }
    expect((await opened.ask([open])).blocked).toBe(null)
    behaviour = says({ decision: 'allow' })
    const later = { ...opened.parts.services, now: () => Date.now() + 10 * 60_000 }
    expect((await opened.ask([hook], { services: later })).blocked).toBe(null)
    expect((await opened.ask([hook], { services: later })).blocked).toBe(null)
    expect(server.heard).toHaveLength(7)
  })
})

describe('which hooks are asked', () => {
  it('follows from event, agent and whoever the run acts for', async () => {
    const hook = await opened.hook(server.url, { agents: ['parent'] })
    expect(hooksOf([hook], 'pre_tool_use', ['child', 'parent'])).toEqual([hook])
    expect(hooksOf([hook], 'pre_tool_use', ['child'])).toEqual([])
    expect(hooksOf([hook], 'stop', ['parent'])).toEqual([])
    expect(hooksOf([{ ...hook, enabled: false }], 'pre_tool_use', ['parent'])).toEqual([])
  })

  it('and a silence is closed ahead of a message and of a call, unless it is said otherwise', () => {
    const modes = (['default', 'closed', 'open'] as const).map((failure) =>
      (
        ['session_start', 'user_prompt_submit', 'pre_tool_use', 'post_tool_use', 'stop'] as const
      ).map((event) => failsClosed({ failure }, event)),
    )
    expect(modes).toEqual([
      [false, true, true, false, false],
      [true, true, true, true, true],
      [false, false, false, false, false],
    ])
  })
})
