/** Front against a supervisor that has been taken over: whatever it says is bounded. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../../sandbox-runner/src/frames.ts'
import type { BlobStore } from '../../../sandbox-runner/src/front/blobs.ts'
import { gatherOutput } from '../../../sandbox-runner/src/front/gather-output.ts'
import type { Session } from '../../../sandbox-runner/src/front/launcher-client.ts'
import { supervise } from '../../../sandbox-runner/src/front/supervise.ts'
import type { ExecEvent, ExecRequest } from '../../../src/isolation/contract.ts'

const request: ExecRequest = {
  execId: 'exec-1',
  workspace: null,
  profile: {
    access: 'rw',
    scope: 'session',
    network: { kind: 'none' },
    isOneShot: false,
    limits: { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 30_000, outputBytes: 100_000 },
  },
  profileHash: '0'.repeat(64),
  holder: 'ten_a/main/user',
  command: { kind: 'script', script: 'true' },
  cwd: '',
  env: {},
}

type Said = readonly [type: string, payload?: string]

/** Says its frames in order, and closes when told. */
function sessionSaying(
  frames: readonly Said[],
): Session & { isClosed: () => boolean; isKept: () => boolean } {
  let isClosed = false
  let isKept = false
  async function* say(): AsyncGenerator<Frame> {
    for (const [type, payload = ''] of frames) {
      if (isClosed) return
      yield { type, payload: Buffer.from(payload) }
    }
  }
  return {
    sandbox: 'one',
    isFresh: true,
    keep: () => {
      isKept = true
    },
    isKept: () => isKept,
    send: async () => {},
    frames: say(),
    engineIsAlive: () => true,
    close: () => {
      isClosed = true
    },
    isClosed: () => isClosed,
  }
}

async function hear(frames: readonly Said[]) {
  const events: ExecEvent[] = []
  const session = sessionSaying(frames)
  const failure = await supervise({
    request,
    tenant: 'ten_a',
    manifest: new Map(),
    held: new Map(),
    session,
    onKept: () => {},
    // No archive comes, so nothing is stored.
    blobs: {} as BlobStore,
    egress: null,
    onStart: () => {},
    emit: (event) => events.push(event),
    isCancelled: () => false,
  }).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
  )
  return { events, failure, isClosed: session.isClosed(), isKept: session.isKept() }
}

const times = (count: number, ...said: Said): Said[] => Array.from({ length: count }, () => said)

describe('a supervisor’s frames', () => {
  it('become output, changes and exit', async () => {
    const { events, failure } = await hear([
      ['S'],
      ['o', 'out'],
      ['e', 'err'],
      ['t', 'o'],
      ['c', '7 0 0 0'],
      ['Z'],
    ])
    expect(failure).toBeNull()
    expect(events.map(({ event }) => event)).toEqual([
      'stdout',
      'stderr',
      'truncated',
      'changes',
      'exit',
    ])
  })

  it('of a way out end a job that has none', async () => {
    for (const type of 'ndwqx') {
      const { failure, isClosed } = await hear([['S'], [type, '\0\0\0\x01\x0c\x38'], ['Z']])
      expect([failure, isClosed]).toEqual(['unknown frame', true])
    }
  })

  it('of single bytes become few events, and nothing of them is lost', async () => {
    const { events } = await hear([['S'], ...times(20_000, 'o', 'x'), ['c', '0 0 0 0'], ['Z']])
    const output = events.filter((event) => event.event === 'stdout')
    expect(output.length).toBeLessThan(200)
    const bytes = output.map((event) =>
      'b64' in event ? Buffer.from(event.b64, 'base64').length : 0,
    )
    expect(bytes.reduce((sum, length) => sum + length, 0)).toBe(20_000)
    expect(events.at(-1)).toMatchObject({ event: 'exit' })
  })

  it.each<[string, readonly Said[], string]>([
    ['output without bytes, which costs nothing of the limit', [['o']], 'output of no bytes'],
    ['more output than the limit', times(3, 'o', 'x'.repeat(40_000)), 'too much output'],
    ['a second cut of one stream', times(2, 't', 'o'), 'a frame comes twice'],
    ['a second start, which would put off the deadline', [['S']], 'a frame comes twice'],
    ['a second end', times(2, 'c', '0 0 0 0'), 'a frame comes twice'],
    ['a second count of what is not kept', times(2, 'N', '1'), 'a frame comes twice'],
    ['more deleted paths than there are files', times(10_001, 'D', 'x'), 'too many deleted paths'],
    ['more frames than any job needs', times(500_001, 'A'), 'too many frames'],
    ['an end that is none', [['c', '0 0 0 0 0']], 'malformed outcome'],
    ['a frame of no kind', [['?']], 'unknown frame'],
    ['a deleted path that climbs', [['D', '../x']], 'a file whose name a workspace cannot hold'],
  ])('are refused with %s, and the container goes', async (_what, frames, words) => {
    const { failure, isClosed } = await hear([['S'], ...frames, ['Z']])
    expect(failure).toContain(words)
    expect(isClosed).toBe(true)
  })
})

describe('gathered output', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const gather = () => {
    const said: string[] = []
    const gathered = gatherOutput((stream, bytes) => said.push(`${stream}:${bytes.toString()}`))
    return { said, gathered }
  }

  it('says the first piece at once, and the next ones together', () => {
    const { said, gathered } = gather()
    for (const piece of ['a', 'b', 'c']) gathered.add('stdout', Buffer.from(piece))
    expect(said).toEqual(['stdout:a'])
    vi.advanceTimersByTime(50)
    expect(said).toEqual(['stdout:a', 'stdout:bc'])
    gathered.add('stdout', Buffer.from('d'))
    expect(said.at(-1)).toBe('stdout:d')
  })

  it('holds little: what fills an event goes before its time', () => {
    const { said, gathered } = gather()
    for (let i = 0; i < 5; i += 1) gathered.add('stdout', Buffer.alloc(40_000, 'x'))
    expect(said.length).toBe(4)
  })

  it('keeps both streams apart, and lets go of what waits when told', () => {
    const { said, gathered } = gather()
    gathered.add('stdout', Buffer.from('1'))
    gathered.add('stderr', Buffer.from('2'))
    gathered.add('stdout', Buffer.from('3'))
    gathered.flush()
    expect(said).toEqual(['stdout:1', 'stdout:3', 'stderr:2'])
    vi.advanceTimersByTime(100)
    expect(said.length).toBe(3)
  })
})
