/** A conversation as protocol v3 tells it: events, history, lists, and whose session a key means. */
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bindings,
  connected,
  createKey,
  createTenant,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { EventFrame } from './support/socket.ts'

const text = expect.any(String)
const count = expect.any(Number)
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

let tenantId: string
let writer: Key

beforeAll(async () => {
  await migrate()
  const platform = await operator()
  tenantId = await createTenant(platform, 'acme')
  const config = { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } }
  const owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', { raw: config })
  owner.close()
  writer = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' })
  platform.close()
}, 60_000)

/** The run's events as `type` alone, words gathered. */
const kinds = (events: readonly EventFrame[]): readonly unknown[] =>
  events
    .map(({ payload }) => payload['type'])
    .filter((type, i, types) => type !== 'activity' && type !== types[i - 1])

describe('a run', () => {
  const sessionKey = 'agent:default:ws:direct:talk'

  it('tells its story in order, with rising seq, and answers at its end', async () => {
    const socket = await connected({ token: writer.key })
    const answer = await socket.ask('chat.send', { sessionKey, message: 'good morning' })
    expect(answer).toEqual({
      runId: text,
      content: expect.stringContaining('You said: good morning'),
      usage: {
        prompt_tokens: count,
        completion_tokens: count,
        total_tokens: count,
        cache_creation_tokens: 0,
        cache_read_tokens: 0,
      },
      models: [{ provider: 'demo', model: 'demo', usage: answer['usage'], cost_usd: 0 }],
      cost_usd: 0,
    })
    const { events } = socket
    expect(kinds(events)).toEqual(['run.started', 'chunk', 'run.completed'])
    const seqs = events.map(({ seq }) => seq)
    expect(seqs).toEqual(events.map((_, i) => i + 1))
    const common = { agentId: 'default', runId: answer['runId'], sessionKey, channel: 'ws' }
    for (const { event, payload } of events) {
      expect(event).toBe('agent')
      expect(payload).toMatchObject({ ...common, userId: 'alice' })
    }
    expect(events[0]?.payload['payload']).toEqual({ message: 'good morning' })
    expect(events.at(-1)?.payload['payload']).toEqual({
      content: answer['content'],
      usage: answer['usage'],
      models: answer['models'],
      cost_usd: 0,
    })
    const chunks = events.filter(({ payload }) => payload['type'] === 'chunk')
    const words = chunks.map(({ payload }) => (payload['payload'] as { content: string }).content)
    expect(words.join('')).toBe(answer['content'])
    socket.close()
  })

  it('shows its tool calls, in events and in the history', async () => {
    const socket = await connected({ token: writer.key })
    const message = `write: notes.txt: ${'n'.repeat(3_000)}\nread: notes.txt\nread: absent.txt`
    await socket.ask('chat.send', { sessionKey, message })
    const of = (type: string): readonly Record<string, unknown>[] =>
      socket.events
        .filter(({ payload }) => payload['type'] === type)
        .map(({ payload }) => payload['payload'] as Record<string, unknown>)
    const calls = of('tool.call')
    expect(calls[1]).toEqual({ name: 'read_file', id: text, arguments: { path: 'notes.txt' } })
    const results = of('tool.result')
    expect(results).toHaveLength(3)
    for (const result of results) {
      expect(Object.keys(result).toSorted()).toEqual([
        'arguments',
        'id',
        'is_error',
        'name',
        'result',
      ])
      expect(String(result['result']).length).toBeLessThanOrEqual(1_000)
    }
    expect(results.map((result) => result['is_error'])).toEqual([false, false, true])
    const { messages } = await socket.ask('chat.history', { sessionKey })
    const list = messages as Record<string, unknown>[]
    expect(list.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'tool',
      'tool',
      'tool',
      'assistant',
    ])
    expect(list[0]).toEqual({ role: 'user', content: 'good morning', created_at: time })
    expect(list[3]?.['tool_calls']).toEqual(
      calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args })),
    )
    expect(list[5]).toEqual({
      role: 'tool',
      content: expect.stringContaining('nnn'),
      tool_call_id: calls[1]?.['id'],
      created_at: time,
    })
    expect(list[6]).toMatchObject({ is_error: true, tool_call_id: calls[2]?.['id'] })
    socket.close()
  })

  it('is found by sessions.list with its counts', async () => {
    const socket = await connected({ token: writer.key })
    const listed = await socket.ask('sessions.list', { agentId: 'default', limit: 1 })
    expect(listed).toEqual({
      sessions: [
        {
          key: sessionKey,
          messageCount: count,
          created: time,
          updated: time,
          channel: 'ws',
          kind: 'web',
          userID: 'alice',
          model: 'demo',
          provider: 'demo',
          inputTokens: count,
          outputTokens: count,
        },
      ],
      total: 1,
      limit: 1,
      offset: 0,
      next: null,
    })
    expect((await socket.ask('sessions.list', { agentId: 'other' }))['total']).toBe(0)
    expect((await socket.ask('sessions.list', { channel: 'slack' }))['total']).toBe(0)
    expect((await socket.refused('sessions.list', { limit: -1 })).code).toBe('INVALID_REQUEST')
    socket.close()
  })

  it('is told once for one idempotencyKey, and refuses the key for another message', async () => {
    const socket = await connected({ token: writer.key })
    const params = { sessionKey, message: 'once', idempotencyKey: 'k-1' }
    const first = await socket.ask('chat.send', params)
    expect(await socket.ask('chat.send', params)).toEqual(first)
    const other = await socket.refused('chat.send', { ...params, message: 'twice' })
    expect(other.code).toBe('ALREADY_EXISTS')
    const { messages } = await socket.ask('chat.history', { sessionKey, limit: 200 })
    const said = (messages as { content: string }[]).filter(({ content }) => content === 'once')
    expect(said).toHaveLength(1)
    socket.close()
  })

  it('pages its history backwards', async () => {
    const socket = await connected({ token: writer.key })
    const all = (await socket.ask('chat.history', { sessionKey, limit: 200 }))['messages']
    const seen: unknown[] = []
    let before: unknown = null
    do {
      const page = await socket.ask('chat.history', { sessionKey, limit: 3, before })
      seen.unshift(...(page['messages'] as unknown[]))
      before = page['nextBefore']
    } while (before !== null)
    expect(seen).toEqual(all)
    socket.close()
  })
})

describe('a session of another kind', () => {
  it('is opened by no socket caller: its owner is a channel, a schedule or an admin', async () => {
    const socket = await connected({ token: writer.key })
    for (const key of [
      'agent:default:cron:job-1',
      'agent:default:slack:direct:U1',
      'agent:default:telegram:group:-100',
      'agent:default:ws:group:g',
      'agent:default:main',
    ]) {
      const refused = await socket.refused('chat.send', { sessionKey: key, message: 'mine now' })
      expect(refused.code).toBe('UNAUTHORIZED')
      expect((await socket.refused('chat.history', { sessionKey: key })).code).toBe('NOT_FOUND')
    }
    for (const key of [
      '',
      'x',
      'agent:default',
      'agent::ws:direct:a',
      'agent:default:ws:direct:',
    ]) {
      const refused = await socket.refused('chat.send', { sessionKey: key, message: 'hello' })
      expect(['INVALID_REQUEST', 'NOT_FOUND']).toContain(refused.code)
    }
    const admin = await connected({ token: TOKEN, tenant_id: tenantId })
    const main = { sessionKey: 'agent:default:main', message: 'hello' }
    expect(await admin.ask('chat.send', main)).toMatchObject({ runId: text })
    expect((await socket.refused('chat.history', main)).code).toBe('UNAUTHORIZED')
    admin.close()
    socket.close()
  })

  it('is one session, however the case of its agent and channel is written', async () => {
    const socket = await connected({ token: writer.key })
    const send = (sessionKey: string) => socket.ask('chat.send', { sessionKey, message: 'hi' })
    await send('agent:default:ws:direct:Case')
    await send('AGENT:Default:WS:direct:Case')
    const { messages } = await socket.ask('chat.history', {
      sessionKey: 'agent:default:ws:direct:Case',
    })
    expect(messages).toHaveLength(4)
    const other = { sessionKey: 'agent:default:ws:direct:case' }
    expect((await socket.refused('chat.history', other)).code).toBe('NOT_FOUND')
    socket.close()
  })

  it('leaves nothing behind when it was only asked for', async () => {
    const socket = await connected({ token: writer.key })
    const sessionKey = 'agent:default:ws:direct:never'
    for (const method of ['chat.history', 'chat.reset', 'sessions.delete', 'chat.session.status']) {
      expect((await socket.refused(method, { sessionKey })).code).toBe('NOT_FOUND')
    }
    const stub = bindings.SESSIONS.getByName(
      [tenantId, sessionKey].map(encodeURIComponent).join('/'),
    )
    const left = await runInDurableObject(stub, async (_, { storage }) => ({
      tables: storage.sql.exec('SELECT name FROM sqlite_master').toArray(),
      alarm: await storage.getAlarm(),
    }))
    expect(left).toEqual({ tables: [], alarm: null })
    socket.close()
  })
})
