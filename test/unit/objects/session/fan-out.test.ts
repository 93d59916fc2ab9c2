import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import type { RunEvent } from '../../../../src/domain/run-event.ts'
import { KEY, openWorld, principal, type World } from './world.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const RUN = runIdSchema.parse('run_1')
const NEXT = runIdSchema.parse('run_2')
const identity = (runId = RUN) => ({
  runId,
  agentKey: 'main',
  sessionKey: KEY,
  channel: 'ws',
  userId: principal('ada').userId,
})
const started: RunEvent = { type: 'run.started', message: 'hi' }
const chunk = (content: string): RunEvent => ({ type: 'chunk', content })
const completed: RunEvent = { type: 'run.completed', content: 'abc', usage: NO_USAGE }

function begun(): World {
  const world = openWorld()
  world.fanOut.open(identity())
  world.fanOut.emit(started)
  return world
}

const typesSent = ({ broadcast }: World) =>
  broadcast.map(({ frame }) => JSON.parse(frame).payload.type as string)

async function read(stream: ReadableStream<Uint8Array>): Promise<readonly RunEvent[]> {
  const text = await new Response(stream).text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent)
}

describe('emit', () => {
  it('stores before it sends, and sends what it stored under its seq', () => {
    const world = begun()
    expect(world.stores.events.lastSeq()).toBe(1)
    expect(world.broadcast.map(({ frame }) => JSON.parse(frame))).toMatchObject([{ seq: 1 }])
  })

  it('flushes gathered tokens before anything that follows them', () => {
    const world = begun()
    world.fanOut.emit(chunk('a'))
    world.fanOut.emit(chunk('b'))
    world.fanOut.emit({ type: 'tool.call', id: 'c', name: 'read', arguments: {} })
    world.fanOut.emit(chunk('d'))
    world.fanOut.emit(completed)
    expect(typesSent(world)).toEqual([
      'run.started',
      'chunk',
      'chunk',
      'tool.call',
      'chunk',
      'run.completed',
    ])
  })

  it('says nothing of a run that was superseded', () => {
    const world = begun()
    world.fanOut.emit(chunk('a'))
    world.fanOut.emit(chunk('of the old life'))
    world.fanOut.open(identity(NEXT))
    vi.advanceTimersByTime(1_000)
    expect(typesSent(world)).toEqual(['run.started', 'chunk'])
  })
})

describe('control sockets', () => {
  it('that come late are told what they missed, then the rest, each event once', async () => {
    const world = begun()
    world.fanOut.emit({ type: 'activity', phase: 'thinking' })
    world.fanOut.listen('c')
    world.fanOut.listen('c')
    world.fanOut.emit(completed)
    await vi.advanceTimersByTimeAsync(100)
    const frames = world.connections.get('c')?.frames ?? []
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('that were just sent the stored events hear the live ones alone', async () => {
    const world = begun()
    world.fanOut.follow('c')
    world.fanOut.emit(completed)
    await vi.advanceTimersByTimeAsync(100)
    expect(world.connections.get('c')?.frames.map(({ seq }) => seq)).toEqual([2])
  })

  it('hear no more once they are forgotten', async () => {
    const world = begun()
    world.fanOut.follow('c')
    world.fanOut.forget('c')
    world.fanOut.emit(completed)
    await vi.advanceTimersByTimeAsync(100)
    expect(world.connections.get('c')).toBeUndefined()
  })

  it('are sent the end of a run at once, and tokens in company', async () => {
    const world = begun()
    world.fanOut.follow('c')
    world.fanOut.emit(chunk('a'))
    expect(world.connections.get('c')).toBeUndefined()
    world.fanOut.emit(completed)
    expect(world.connections.get('c')?.batches).toHaveLength(1)
  })
})

describe('stream', () => {
  it('tells a run from its beginning to its end, deltas as they come', async () => {
    const world = begun()
    world.fanOut.emit(chunk('a'))
    world.fanOut.emit(chunk('b'))
    const events = read(world.fanOut.stream(RUN, null))
    world.fanOut.emit(chunk('c'))
    world.fanOut.emit(completed)
    const told = await events
    expect(told.map(({ type }) => type)).toEqual([
      'run.started',
      'chunk',
      'chunk',
      'chunk',
      'run.completed',
    ])
    const text = told.map((event) => (event.type === 'chunk' ? event.content : '')).join('')
    expect(text).toBe('abc')
  })

  it('ends at once for a run that is over', async () => {
    const world = begun()
    world.fanOut.emit(completed)
    expect((await read(world.fanOut.stream(RUN, null))).map(({ type }) => type)).toEqual([
      'run.started',
      'run.completed',
    ])
  })

  it('tells nothing of another run', async () => {
    const world = begun()
    const events = read(world.fanOut.stream(RUN, null))
    world.fanOut.emit(completed)
    world.fanOut.open(identity(NEXT))
    world.fanOut.emit({ type: 'run.started', message: 'other' })
    expect(JSON.stringify(await events)).not.toContain('other')
  })

  it('that nobody reads any more is in nobody’s way', async () => {
    const world = begun()
    await world.fanOut.stream(RUN, null).cancel()
    expect(() => world.fanOut.emit(completed)).not.toThrow()
  })

  it('ends at once for a run that ended so long ago that its events are gone', async () => {
    const world = begun()
    const ended = { type: 'run.completed', content: 'long ago', usage: NO_USAGE } as const
    const told = world.fanOut.stream('run_forgotten' as typeof RUN, ended)
    expect(await read(told)).toEqual([ended])
  })
})
