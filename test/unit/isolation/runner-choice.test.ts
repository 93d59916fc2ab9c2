/** Several runners, each a script: whom the client asks, in which order, and whom it spares. */
import { beforeEach, describe, expect, it } from 'vitest'
import { generateRunnerKey, importRunnerKey } from '../../../src/crypto/job-token.ts'
import type { SandboxPort } from '../../../src/domain/ports/sandbox.ts'
import type { PinnedPackage } from '../../../src/domain/sandbox-package.ts'
import type { ExecRequest, Health } from '../../../src/isolation/contract.ts'
import { CEILINGS } from '../../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../../src/isolation/runner-client.ts'
import { createRunnerFetch } from '../../../src/isolation/runner-fetch.ts'
import { createRunnerStates } from '../../../src/isolation/runner-states.ts'
import { runnerOrder } from '../../../src/isolation/runners.ts'
import { createToldViews } from '../../../src/isolation/told-views.ts'
import { createMemoryWorkspace } from '../../support/memory-workspace.ts'

const WORKSPACE_ID = 'ten_a/agt_1/user'
/** In the order in which this workspace prefers them. */
const RUNNERS = runnerOrder(
  ['one', 'two', 'three'].map((keyId) => ({ url: `https://${keyId}.example`, keyId })),
  WORKSPACE_ID,
)
const [FIRST, SECOND, THIRD] = RUNNERS.map(({ keyId }) => keyId)
if (FIRST === undefined || SECOND === undefined || THIRD === undefined) throw new Error('three')

type Mood = 'well' | 'degraded' | 'silent' | 'full' | 'stranger' | 'imageless'
const JQ: PinnedPackage = { manager: 'apt', name: 'jq', version: '1.6' }
const signKey = await importRunnerKey(JSON.stringify((await generateRunnerKey()).privateJwk))

let imageName = ''
const health = (status: Health['status']): Health => ({
  status,
  instance: 'i',
  engine: { isReachable: status === 'ok', version: null },
  image: { name: imageName, state: status === 'ok' ? 'present' : 'missing' },
  capacity: { running: 0, max: 1 },
  isUserNamespaceRemapped: false,
  runtime: 'runc',
})

const refusal = (code: string, status: number, retryAfterMs = 1): Response =>
  Response.json({ error: { code, message: 'no', retryAfterMs } }, { status })

function answer(mood: Mood, path: string, body: string): Response {
  if (path === '/health') {
    return Response.json(health(mood === 'degraded' || mood === 'imageless' ? 'degraded' : 'ok'))
  }
  if (path === '/v1/fetch') {
    return Response.json({ url: 'u', status: 200, headers: [], bodyB64: '', isTruncated: false })
  }
  if (mood === 'degraded') return refusal('ENGINE_UNAVAILABLE', 503)
  if (mood === 'stranger') return refusal('UNAUTHENTICATED', 401)
  if (mood === 'imageless') return refusal('IMAGE_MISSING', 503, 5_000)
  if (mood === 'full') return refusal('CAPACITY', 429)
  const { workspace } = JSON.parse(body) as ExecRequest
  const exit = {
    event: 'exit',
    code: 0,
    signal: null,
    oom: false,
    timedOut: false,
    durationMs: 1,
  }
  const events = [{ event: 'started', root: workspace?.root ?? null }, exit]
  return new Response(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
}

describe('the choice among several runners', () => {
  let moods: Record<string, Mood>
  let asked: string[]
  let now: number
  let told: ReturnType<typeof createToldViews>
  let states: ReturnType<typeof createRunnerStates>
  let serial = 0
  let trouble: string[]
  let slow: string[]

  beforeEach(() => {
    moods = {}
    asked = []
    trouble = []
    slow = []
    imageName = 'edgeclaw-sandbox:bookworm-slim'
    now = 1_800_000_000_000
    told = createToldViews()
    states = createRunnerStates()
  })

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { hostname, pathname } = new URL(String(input))
    const keyId = hostname.split('.')[0] ?? ''
    asked.push(`${keyId} ${pathname}`)
    const mood = moods[keyId] ?? 'well'
    if (mood === 'silent') throw new TypeError('connection refused')
    return answer(mood, pathname, String(init?.body))
  }
  const common = {
    runners: RUNNERS,
    signKey,
    fetch,
    tenant: 'ten_a',
    session: 's',
    onTrouble: (keyId: string, code: string) => trouble.push(`${keyId} ${code}`),
  }

  /** A run of a call, as each one makes its sandbox anew; answers whom it asked. */
  const run = async (
    changes: { readonly packages?: readonly PinnedPackage[] } = {},
  ): Promise<Awaited<ReturnType<SandboxPort['exec']>>> => {
    asked = []
    const sandbox = createRunnerSandbox({
      ...common,
      workspace: createMemoryWorkspace({ 'a.txt': 'a' }),
      workspaceId: WORKSPACE_ID,
      access: 'ro',
      scope: 'session',
      limits: CEILINGS,
      now: () => now,
      pause: async (ms) => {
        now += ms
      },
      told,
      states,
      ...changes,
    })
    const request = { command: 'true', cwd: '', isResumed: false, hasSeenUntrusted: false }
    return sandbox.exec(
      { ...request, execId: `exec-${++serial}` },
      { signal: new AbortController().signal, onSlow: (reason) => slow.push(reason) },
    )
  }
  const exec = async () => ({ ok: (await run()).ok, asked })
  const ranAt = (keyId: string) => ({ ok: true, asked: [`${keyId} /health`, `${keyId} /v1/exec`] })

  it('asks the first of the rendezvous order, and no other', async () => {
    expect(await exec()).toEqual(ranAt(FIRST))
    expect(await exec()).toEqual(ranAt(FIRST))
  })

  it('passes a silent runner over once, then spares the next calls its time-out', async () => {
    moods[FIRST] = 'silent'
    expect(await exec()).toEqual({
      ok: true,
      asked: [`${FIRST} /health`, `${SECOND} /health`, `${SECOND} /v1/exec`],
    })
    now += 4_999
    expect(await exec()).toEqual(ranAt(SECOND))
  })

  it('stays at the runner that holds the workspace when the first is back', async () => {
    moods[FIRST] = 'silent'
    await exec()
    moods[FIRST] = 'well'
    now += 60_000
    expect(await exec()).toEqual(ranAt(SECOND))
    moods[SECOND] = 'silent'
    expect(await exec()).toEqual({
      ok: true,
      asked: [`${SECOND} /health`, `${FIRST} /health`, `${FIRST} /v1/exec`],
    })
    moods[SECOND] = 'well'
    now += 60_000
    expect(await exec()).toEqual(ranAt(FIRST))
  })

  it('asks a silent runner all the same when no other is left', async () => {
    for (const keyId of [FIRST, SECOND, THIRD]) moods[keyId] = 'silent'
    expect(await exec()).toMatchObject({ ok: false })
    moods[THIRD] = 'well'
    const second = await exec()
    expect(second.ok).toBe(true)
    expect(second.asked.at(-1)).toBe(`${THIRD} /v1/exec`)
  })

  it('asks a runner without an engine after those that have one', async () => {
    moods[FIRST] = 'degraded'
    moods[SECOND] = 'silent'
    await exec()
    expect(await exec()).toEqual(ranAt(THIRD))
    moods[THIRD] = 'full'
    const full = await exec()
    // Still remembered as degraded and as silent, and asked all the same.
    expect(full.asked.slice(0, 5)).toEqual([
      `${THIRD} /health`,
      `${THIRD} /v1/exec`,
      `${FIRST} /health`,
      `${FIRST} /v1/exec`,
      `${SECOND} /health`,
    ])
  })

  it('tells who did not serve and why, by ids and codes, and says so once to the caller', async () => {
    moods = { [FIRST]: 'silent', [SECOND]: 'stranger', [THIRD]: 'degraded' }
    expect(await run()).toEqual({
      ok: false,
      error: { kind: 'unavailable', message: 'no runner could take the command' },
    })
    expect(trouble).toEqual([
      `${FIRST} CONNECTION`,
      `${SECOND} UNAUTHENTICATED`,
      `${THIRD} ENGINE_UNAVAILABLE`,
    ])
    trouble = []
    moods = {}
    expect(await run()).toMatchObject({ ok: true })
    expect(trouble).toEqual([])
  })

  it('sends a web request past a silent runner, and asks that one last afterwards', async () => {
    const [first, second] = RUNNERS
    if (first === undefined || second === undefined) throw new Error('two')
    const send = (method: 'GET' | 'POST') =>
      createRunnerFetch({ ...common, now: () => now, states }).send(
        {
          url: 'https://x.example/',
          method,
          headers: {},
          maxBytes: 1,
          timeoutMs: 1_000,
          maxRedirects: 0,
        },
        new AbortController().signal,
      )
    moods[FIRST] = 'silent'
    // It may have arrived: a POST goes nowhere else.
    expect(await send('POST')).toMatchObject({ ok: false })
    expect(asked).toEqual([`${FIRST} /v1/fetch`])
    expect(await send('POST')).toMatchObject({ ok: true })
    expect(asked).toEqual([`${FIRST} /v1/fetch`, `${SECOND} /v1/fetch`])
    now += 5_000
    asked = []
    expect(await send('GET')).toMatchObject({ ok: true })
    expect(asked).toEqual([`${FIRST} /v1/fetch`, `${SECOND} /v1/fetch`])
  })

  it('waits ten minutes for the image that is built, and one for another’s', async () => {
    for (const keyId of [FIRST, SECOND, THIRD]) moods[keyId] = 'imageless'
    const begun = now
    expect(await run()).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    expect(slow).toEqual(['the sandbox image is being built'])
    expect(now - begun).toBeGreaterThanOrEqual(600_000)
    expect(trouble).toContain(`${FIRST} IMAGE_MISSING`)

    for (const changes of [{}, { packages: [JQ] }]) {
      imageName = 'nope:1'
      slow = []
      const again = now
      expect(await run(changes)).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining('sandbox-runner/image/build') },
      })
      expect(slow).toEqual(['the sandbox image is not there yet'])
      expect(now - again).toBeGreaterThanOrEqual(60_000)
      expect(now - again).toBeLessThan(70_000)
    }
  })
})
