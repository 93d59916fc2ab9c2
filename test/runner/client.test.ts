/** The gateway's client against the real runner: one call from the tool's side, files included. */
import { createServer, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxPort } from '../../src/domain/ports/sandbox.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import {
  createRunnerSandbox,
  type ExecAssignments,
  type RunnerSandboxOptions,
} from '../../src/isolation/runner-client.ts'
import { createRunnerStates } from '../../src/isolation/runner-states.ts'
import { runnerOrder } from '../../src/isolation/runners.ts'
import { createToldViews } from '../../src/isolation/told-views.ts'
import { createMemoryWorkspace, type MemoryWorkspace } from '../support/memory-workspace.ts'
import { ensureImage, missingEngine, type RunnerProcess, startRunner } from './runner-process.ts'

const missing = await missingEngine()

describe.skipIf(missing !== null)('the runner client', () => {
  let runner: RunnerProcess
  let serial = 0
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const sandboxOn = (
    workspace: MemoryWorkspace,
    changes: Partial<RunnerSandboxOptions> = {},
  ): SandboxPort =>
    createRunnerSandbox({
      runners: [runner.endpoint],
      signKey: runner.signKey,
      fetch: (input, init) => fetch(input, init),
      workspace,
      tenant: 'ten_a',
      session: 'agent:main:ws:direct:client',
      workspaceId: 'ten_a/agt_1/user',
      access: 'rw',
      scope: 'session',
      limits: CEILINGS,
      now: Date.now,
      ...changes,
    })

  const exec = (
    sandbox: SandboxPort,
    command: string,
    more: {
      execId?: string
      cwd?: string
      signal?: AbortSignal
      slow?: string[]
      isResumed?: boolean
    } = {},
  ) =>
    sandbox.exec(
      {
        execId: more.execId ?? `exec-${++serial}`,
        command,
        cwd: more.cwd ?? '',
        isResumed: more.isResumed ?? false,
        hasSeenUntrusted: false,
      },
      {
        signal: more.signal ?? new AbortController().signal,
        onSlow: (reason) => more.slow?.push(reason),
      },
    )

  it('runs a command on the workspace and commits what it changed', async () => {
    const workspace = createMemoryWorkspace({ 'a.txt': 'one', 'sub/b.txt': 'two', gone: '-' })
    const sandbox = sandboxOn(workspace)
    const first = await exec(sandbox, 'cat a.txt; echo more >> a.txt; mv gone kept; exit 4')
    expect(first).toMatchObject({
      ok: true,
      value: { stdout: 'one', exitCode: 4, signal: null, conflicts: [], isTimedOut: false },
    })
    expect(workspace.paths()).toEqual(['a.txt', 'kept', 'sub/b.txt'])
    expect(workspace.text('a.txt')).toBe('onemore\n')
    const second = await exec(sandbox, 'cat ../a.txt b.txt', { cwd: 'sub' })
    expect(second).toMatchObject({ ok: true, value: { stdout: 'onemore\ntwo' } })
    expect(workspace.commits.length).toBe(1)
    expect(await exec(sandbox, 'pwd', { cwd: '/workspace/sub' })).toMatchObject({
      value: { stdout: '/workspace/sub\n' },
    })
  })

  it('carries large workspaces by difference', async () => {
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d/${i}`, `c${i}`]))
    const workspace = createMemoryWorkspace(files)
    const sent: number[] = []
    const sandbox = sandboxOn(workspace, {
      fetch: async (input, init) => {
        if (String(input).includes('/v1/exec')) sent.push(String(init?.body ?? '').length)
        return fetch(input, init)
      },
    })
    expect(await exec(sandbox, 'ls d | wc -l; echo x > d/7')).toMatchObject({
      value: { stdout: '500\n' },
    })
    sent.length = 0
    expect(await exec(sandbox, 'cat d/7')).toMatchObject({ value: { stdout: 'x\n' } })
    expect(sent.length).toBe(1)
    expect(sent[0]).toBeLessThan(1_500)
  })

  it('hides the gateway’s own folder, and refuses one made in its place', async () => {
    const workspace = createMemoryWorkspace({ '.edgeclaw/result': 'internal', a: 'a' })
    const sandbox = sandboxOn(workspace)
    expect(await exec(sandbox, 'ls -A')).toMatchObject({ value: { stdout: 'a\n' } })
    expect(workspace.paths()).toEqual(['.edgeclaw/result', 'a'])
    const refused = await exec(sandbox, 'mkdir .edgeclaw; echo x > .edgeclaw/x; echo y > b')
    expect(refused).toMatchObject({ ok: false, error: { kind: 'workspace_rejected' } })
    expect(workspace.paths()).toEqual(['.edgeclaw/result', 'a'])
  })

  it('keeps a conflicting version beside a file that changed meanwhile', async () => {
    const workspace = createMemoryWorkspace({ a: 'base' })
    const running = exec(sandboxOn(workspace), 'sleep 1; echo mine > a', {
      execId: 'exec-conflict',
    })
    await expect
      .poll(() => runner.logs().some(({ execId }) => execId === 'exec-conflict'))
      .toBe(true)
    workspace.write('a', 'theirs')
    expect(await running).toMatchObject({
      ok: true,
      value: { conflicts: ['a.conflict-exec-conflict'] },
    })
    expect([workspace.text('a'), workspace.text('a.conflict-exec-conflict')]).toEqual([
      'theirs',
      'mine\n',
    ])
  })

  it('takes nothing back under ro and shows nothing under none', async () => {
    const workspace = createMemoryWorkspace({ a: 'one' })
    await exec(sandboxOn(workspace, { access: 'ro' }), 'chmod u+w . a; echo x > a; echo y > b')
    expect([workspace.paths(), workspace.text('a')]).toEqual([['a'], 'one'])
    expect(await exec(sandboxOn(workspace, { access: 'none' }), 'ls -A; echo x > b')).toMatchObject(
      {
        ok: true,
        value: { stdout: '' },
      },
    )
    expect(workspace.paths()).toEqual(['a'])
  })

  it('tells of files that a workspace cannot keep', async () => {
    const workspace = createMemoryWorkspace()
    const ran = await exec(sandboxOn(workspace), 'ln -s /etc link; echo oops >&2')
    expect(ran).toMatchObject({
      value: { stderr: 'oops\n[sandbox: 1 symbolic links or special files were not kept]\n' },
    })
  })

  it('commits nothing of a file that is too large, and says which', async () => {
    const workspace = createMemoryWorkspace()
    const ran = await exec(sandboxOn(workspace), 'echo x > small; head -c 11M /dev/zero > huge')
    expect(ran).toMatchObject({ ok: false, error: { kind: 'workspace_rejected' } })
    expect(ran.ok ? '' : ran.error.message).toMatch(/"huge".*none of the command/)
    expect(workspace.paths()).toEqual([])
  })

  it('never runs an exec id twice, nor commits it twice', async () => {
    const workspace = createMemoryWorkspace({ log: '' })
    const command = 'echo line >> log; date +%s%N'
    const first = await exec(sandboxOn(workspace), command, { execId: 'exec-once' })
    const second = await exec(sandboxOn(workspace), command, { execId: 'exec-once' })
    // The workspace is another by now, so of what the command read nothing is known any more.
    const value = first.ok ? { ...first.value, sawUntrusted: true } : null
    expect(second).toEqual({ ok: true, value })
    expect(workspace.text('log')).toBe('line\n')
  })

  it('refuses another command under an id that was used', async () => {
    const sandbox = sandboxOn(createMemoryWorkspace())
    await exec(sandbox, 'echo a', { execId: 'exec-same' })
    expect(await exec(sandbox, 'echo b', { execId: 'exec-same' })).toMatchObject({
      ok: false,
      error: { kind: 'refused' },
    })
  })

  it('accepts any exec id', async () => {
    const sandbox = sandboxOn(createMemoryWorkspace())
    expect(await exec(sandbox, 'echo a', { execId: 'odd id/ü|'.repeat(40) })).toMatchObject({
      ok: true,
    })
  })

  it('cancels by its signal, and keeps nothing', async () => {
    const workspace = createMemoryWorkspace()
    const abort = new AbortController()
    const running = exec(sandboxOn(workspace), 'echo x > f; sleep 60', {
      execId: 'exec-abort',
      signal: abort.signal,
    })
    await expect.poll(() => runner.logs().some(({ execId }) => execId === 'exec-abort')).toBe(true)
    abort.abort()
    expect(await running).toMatchObject({ ok: false, error: { kind: 'cancelled' } })
    expect(workspace.paths()).toEqual([])
    const gone = AbortSignal.abort()
    expect(await exec(sandboxOn(workspace), 'true', { signal: gone })).toMatchObject({
      ok: false,
      error: { kind: 'cancelled' },
    })
  })

  it('shortens its time-out to the call’s', async () => {
    const sandbox = sandboxOn(createMemoryWorkspace())
    const ran = await sandbox.exec(
      {
        execId: 'exec-timeout',
        command: 'sleep 30',
        cwd: '',
        timeoutSeconds: 1,
        isResumed: false,
        hasSeenUntrusted: false,
      },
      { signal: new AbortController().signal, onSlow: () => {} },
    )
    expect(ran).toMatchObject({ ok: true, value: { isTimedOut: true, signal: 'SIGTERM' } })
  })

  describe('with connections that break', () => {
    let proxy: Server
    let breakable: { url: string; cut: () => void; connections: number }

    beforeAll(async () => {
      const sockets = new Set<Socket>()
      const target = new URL(runner.endpoint.url)
      const server = createTcpServer((client) => {
        breakable.connections += 1
        const upstream = connect(Number(target.port), '127.0.0.1')
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on('error', () => {})
          socket.on('close', () => {
            client.destroy()
            upstream.destroy()
          })
        }
        client.pipe(upstream).pipe(client)
      })
      proxy = server as unknown as Server
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      breakable = {
        url: `http://127.0.0.1:${port}`,
        connections: 0,
        cut: () => {
          for (const socket of sockets) socket.destroy()
          sockets.clear()
        },
      }
    })
    afterAll(() => proxy?.close())

    it('reattaches and loses nothing, without a second run', async () => {
      const workspace = createMemoryWorkspace()
      const sandbox = sandboxOn(workspace, {
        runners: [{ ...runner.endpoint, url: breakable.url }],
      })
      const running = exec(
        sandbox,
        'for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done; echo x > f',
        {
          execId: 'exec-cut',
        },
      )
      for (const _ of [1, 2]) {
        const before = breakable.connections
        await expect
          .poll(() => runner.logs().some(({ execId }) => execId === 'exec-cut'))
          .toBe(true)
        breakable.cut()
        await expect.poll(() => breakable.connections).toBeGreaterThan(before)
      }
      expect(await running).toMatchObject({ ok: true, value: { stdout: '1\n2\n3\n4\n5\n6\n' } })
      expect(workspace.text('f')).toBe('x\n')
      const starts = runner
        .logs()
        .filter(({ event, execId }) => event === 'exec_started' && execId === 'exec-cut')
      expect(starts.length).toBe(1)
    })
  })

  describe('with runners that are not well', () => {
    let answers: Server
    let asked: string[]
    const health = (instance = 'i1') => ({
      status: 'ok',
      instance,
      engine: { isReachable: true, version: '1' },
      image: { name: 'edgeclaw-sandbox:bookworm-slim', state: 'present' },
      capacity: { running: 0, max: 1 },
      isUserNamespaceRemapped: false,
      runtime: 'runc',
    })
    let endpoint: { url: string; keyId: string }
    let fail: { status: number; body: unknown } = { status: 500, body: {} }

    beforeAll(async () => {
      answers = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`)
        request.resume()
        const isHealth = request.url === '/health'
        response.writeHead(isHealth ? 200 : fail.status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(isHealth ? health() : fail.body))
      })
      await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve))
      const address = answers.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      endpoint = { url: `http://127.0.0.1:${port}`, keyId: 'sick' }
    })
    afterAll(() => answers?.close())

    const sick = (code: string, status: number, more: object = {}) => {
      asked = []
      fail = { status, body: { error: { code, message: 'no', ...more } } }
    }

    it('is unavailable without a runner, and with one that does not answer', async () => {
      const workspace = createMemoryWorkspace()
      const none = await exec(sandboxOn(workspace, { runners: [] }), 'true')
      expect(none).toEqual({
        ok: false,
        error: { kind: 'unavailable', message: 'no runner could take the command' },
      })
      const dead = { url: 'http://127.0.0.1:9', keyId: 'dead' }
      expect(await exec(sandboxOn(workspace, { runners: [dead] }), 'true')).toEqual(none)
    })

    it('goes to another runner before the start', async () => {
      const dead = { url: 'http://127.0.0.1:9', keyId: 'dead' }
      sick('ENGINE_UNAVAILABLE', 503)
      const runners = [dead, endpoint, runner.endpoint]
      const told = createToldViews()
      const ran = await exec(sandboxOn(createMemoryWorkspace(), { runners, told }), 'echo well')
      expect(ran).toMatchObject({ ok: true, value: { stdout: 'well\n' } })
    })

    it('goes to another runner from one that was stopped before the start', async () => {
      sick('CANCELLED', 409)
      const runners = [endpoint, runner.endpoint]
      // A workspace that the sick one comes first for, and that no runner was told of yet.
      let workspaceId = 'ten_a/agt_1/user'
      for (let i = 0; runnerOrder(runners, workspaceId)[0] !== endpoint; i += 1) {
        workspaceId = `ten_a/agt_1/user${i}`
      }
      const sandbox = sandboxOn(createMemoryWorkspace(), {
        runners,
        workspaceId,
        told: createToldViews(),
        states: createRunnerStates(),
      })
      const ran = await exec(sandbox, 'echo well')
      expect(ran).toMatchObject({ ok: true, value: { stdout: 'well\n' } })
      expect(asked).toContain('POST /v1/exec')
    })

    it('waits while the image is being built, saying so, and gives up after a bound', async () => {
      sick('IMAGE_MISSING', 503, { retryAfterMs: 1 })
      let now = Date.now()
      const slow: string[] = []
      const sandbox = sandboxOn(createMemoryWorkspace(), {
        runners: [endpoint],
        now: () => now,
        pause: async () => {
          now += 60_000
        },
      })
      expect(await exec(sandbox, 'true', { slow })).toMatchObject({
        ok: false,
        error: { kind: 'unavailable' },
      })
      expect(slow).toEqual(['the sandbox image is being built'])
      expect(asked.filter((line) => line.startsWith('POST')).length).toBe(11)
    })

    it('reports capacity with a time to come back', async () => {
      sick('CAPACITY', 429, { retryAfterMs: 700 })
      let now = Date.now()
      const sandbox = sandboxOn(createMemoryWorkspace(), {
        runners: [endpoint],
        now: () => now,
        pause: async (ms) => {
          now += 10 * ms
        },
      })
      expect(await exec(sandbox, 'true')).toMatchObject({
        ok: false,
        error: { kind: 'capacity', retryAfterMs: 700 },
      })
    })

    it('does not start a job elsewhere that may have begun', async () => {
      sick('OUTCOME_UNKNOWN', 410)
      const runners = [endpoint, runner.endpoint]
      const assignments: ExecAssignments = {
        chosen: async () => 'sick',
        choose: async () => {},
      }
      const sandbox = sandboxOn(createMemoryWorkspace(), { runners, assignments })
      expect(await exec(sandbox, 'echo never')).toMatchObject({
        ok: false,
        error: { kind: 'outcome_unknown' },
      })
      expect(asked).toContain('POST /v1/exec?from=0')
    })

    it('does not start a resumed job that no runner knows, unless it was never given to one', async () => {
      const workspace = createMemoryWorkspace()
      const resumed = { execId: 'exec-nobody', isResumed: true }
      expect(await exec(sandboxOn(workspace), 'echo never', resumed)).toMatchObject({
        ok: false,
        error: { kind: 'outcome_unknown' },
      })
      const chosen = new Map<string, string>()
      const assignments: ExecAssignments = {
        chosen: async (id) => chosen.get(id) ?? null,
        choose: async (id, keyId) => void chosen.set(id, keyId),
      }
      const sandbox = sandboxOn(workspace, { assignments })
      const first = await exec(sandbox, 'date +%s%N', resumed)
      expect(first).toMatchObject({ ok: true })
      expect(chosen.get('exec-nobody')).toBe(runner.endpoint.keyId)
      expect(await exec(sandbox, 'date +%s%N', resumed)).toEqual(first)
    })

    it('finds a job at the runner that has it', async () => {
      const first = await exec(sandboxOn(createMemoryWorkspace()), 'date +%s%N', {
        execId: 'exec-found',
      })
      sick('NOT_FOUND', 404)
      const runners = [endpoint, runner.endpoint]
      const again = await exec(sandboxOn(createMemoryWorkspace(), { runners }), 'date +%s%N', {
        execId: 'exec-found',
        isResumed: true,
      })
      expect(again).toEqual(first)
      expect(asked.some((line) => line.startsWith('POST'))).toBe(false)
    })
  })

  it('reports an unknown outcome when the runner dies in mid-run', async () => {
    const other = await startRunner()
    const workspace = createMemoryWorkspace()
    const sandbox = sandboxOn(workspace, {
      runners: [other.endpoint],
      signKey: other.signKey,
      pause: async () => {},
    })
    const running = exec(sandbox, 'echo x > f; sleep 60', { execId: 'exec-dies' })
    await expect.poll(() => other.logs().some(({ execId }) => execId === 'exec-dies')).toBe(true)
    await other.stop('SIGKILL')
    expect(await running).toMatchObject({ ok: false, error: { kind: 'outcome_unknown' } })
    expect(workspace.paths()).toEqual([])
  })

  it('tells of no cancellation when it is the runner that was stopped', async () => {
    const other = await startRunner()
    const workspace = createMemoryWorkspace()
    const others = { runners: [other.endpoint], signKey: other.signKey, pause: async () => {} }
    const running = exec(sandboxOn(workspace, others), 'echo x > f; sleep 60', {
      execId: 'exec-stopped',
    })
    const started = () => other.logs().some(({ event }) => event === 'exec_started')
    await expect.poll(started).toBe(true)
    await other.stop()
    expect(await running).toMatchObject({
      ok: false,
      error: {
        kind: 'outcome_unknown',
        message: 'the runner was stopped while the command ran',
      },
    })
    expect(workspace.paths()).toEqual([])
  })
})
