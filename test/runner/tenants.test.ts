/**
 * Tenant B on the runner that tenant A has just used, or is using: what A left there, or B overheard
 * of it, opens nothing. Blobs, manifests and records by their name are in `workspace.test.ts`.
 */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecRequest } from '../../src/isolation/contract.ts'
import {
  type Caller,
  ensureImage,
  job,
  missingEngine,
  parseEvents,
  postExec,
  type RunnerProcess,
  run,
  send,
  sha256,
  startRunner,
  summarise,
  tokenFor,
} from './runner-process.ts'

const missing = await missingEngine()

const A: Caller = { tenant: 'ten_a' }
/** Says the same session, too: only the tenant differs. */
const B: Caller = { tenant: 'ten_b' }

/** Once brought, a file is known: each case has its own. */
const entryOf = (secret: string) => ({
  path: 'secret',
  sha256: sha256(secret),
  size: secret.length,
  mode: 0o644,
})

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

describe.skipIf(missing !== null)('tenant B after tenant A', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const withSecret = (secret: string): ExecRequest =>
    job('cat secret', {
      profile: { access: 'rw' },
      workspace: { id: 'w', root: sha256(`root of ${secret}`), manifest: [entryOf(secret)] },
    })

  /** A job of A that waits for its file, which only A can bring. */
  async function waiting(secret: string) {
    const request = withSecret(secret)
    const response = await postExec(runner, request, A)
    const reader = response.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(first).toContain('need')
    return {
      request,
      end: async () => {
        let text = first
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
          if (done) return summarise(parseEvents(text))
          text += Buffer.from(value).toString()
        }
      },
    }
  }

  const bring = (request: ExecRequest, caller: Caller, secret: string) =>
    send(runner, 'PUT', `/v1/blobs/${sha256(secret)}`, request.execId, secret, caller)

  async function heldByA(secret: string): Promise<void> {
    const { request, end } = await waiting(secret)
    await bring(request, A, secret)
    expect((await end()).stdout).toBe(secret)
  }

  it('cannot feed, cancel or follow a job of A under A’s exec id', async () => {
    const secret = 'not to be fed'
    const { request, end } = await waiting(secret)
    const { execId } = request
    const path = `/v1/exec/${execId}`
    expect((await bring(request, B, secret)).status).toBe(404)
    const manifest = JSON.stringify({ entries: [] })
    expect((await send(runner, 'PUT', `${path}/manifest`, execId, manifest, B)).status).toBe(404)
    expect((await send(runner, 'GET', path, execId, undefined, B)).status).toBe(404)
    expect((await postExec(runner, request, B, '?from=0')).status).toBe(404)
    expect((await send(runner, 'DELETE', path, execId, undefined, B)).status).toBe(204)
    // B's own id is barred now, which is all that its DELETE did.
    expect((await run(runner, request, B)).error).toMatchObject({ code: 'CANCELLED' })
    expect((await bring(request, A, secret)).status).toBe(204)
    expect(await end()).toMatchObject({ stdout: secret, exit: { code: 0 }, error: null })
  })

  it('runs a job of its own under A’s exec id, and neither hears the other', async () => {
    const request = job('echo of a; sleep 0.5; echo end of a')
    const other: ExecRequest = { ...job('echo of b'), execId: request.execId }
    const [ofA, ofB] = await Promise.all([run(runner, request, A), run(runner, other, B)])
    expect([ofA.stdout, ofB.stdout]).toEqual(['of a\nend of a\n', 'of b\n'])
    expect((await run(runner, request, A)).stdout).toBe('of a\nend of a\n')
  })

  it('gets nothing for A’s token, used or not, and learns no more than from noise', async () => {
    const request = job('echo of a')
    const body = JSON.stringify(request)
    const path = '/v1/exec'
    const token = await tokenFor(runner, 'POST', path, request.execId, body, A)
    const ask = async (caller: Caller, text: string) => {
      const response = await send(runner, 'POST', path, request.execId, text, caller)
      return { status: response.status, body: await response.text() }
    }
    const noise = await ask({ token: 'a.b.c' }, body)
    const own = JSON.stringify({ ...request, command: { kind: 'script', script: 'echo of b' } })
    // Unused, with a body of B's: the token is for A's bytes alone.
    expect(await ask({ token }, own)).toEqual(noise)
    // Used by that, whatever it carries.
    expect(await ask({ token }, body)).toEqual(noise)
    const blob = await send(runner, 'GET', `/v1/blobs/${sha256('x')}`, 'x', undefined, { token })
    expect({ status: blob.status, body: await blob.text() }).toEqual(noise)
  })

  it('is asked for A’s file as for one that nobody has, and cannot bring another', async () => {
    const secret = 'not to be guessed'
    await heldByA(secret)
    const own = withSecret(secret)
    const absent = job('cat other', {
      profile: { access: 'rw' },
      workspace: {
        id: 'w',
        root: sha256('other root'),
        manifest: [entryOf('nobody has it')],
      },
    })
    const asked = async (wanted: ExecRequest) => {
      const response = await postExec(runner, wanted, B)
      const reader = response.body?.getReader()
      const line = Buffer.from((await reader?.read())?.value ?? []).toString()
      await send(runner, 'DELETE', `/v1/exec/${wanted.execId}`, wanted.execId, undefined, B)
      await reader?.cancel()
      return line.replace(/[0-9a-f]{64}/g, 'HASH')
    }
    expect(await asked(own)).toBe(await asked(absent))
    expect((await bring(own, B, secret)).status).toBe(404)
  })

  it('waits as long for the refusal of A’s blob as for one that never was', async () => {
    const secret = 'not to be timed'
    await heldByA(secret)
    const times: Record<'foreign' | 'absent', number[]> = { foreign: [], absent: [] }
    const hashes = { foreign: sha256(secret), absent: sha256('never') }
    for (let i = 0; i < 400; i += 1) {
      // Each goes first as often as the other.
      const order =
        i % 2 === 0 ? (['foreign', 'absent'] as const) : (['absent', 'foreign'] as const)
      for (const kind of order) {
        const path = `/v1/blobs/${hashes[kind]}`
        const token = await tokenFor(runner, 'GET', path, 'x', '', B)
        const started = performance.now()
        const response = await send(runner, 'GET', path, 'x', undefined, { token })
        await response.arrayBuffer()
        times[kind].push(performance.now() - started)
        expect(response.status).toBe(404)
      }
    }
    const [foreign, absent] = [median(times.foreign), median(times.absent)]
    console.info(`404 for A’s blob ${foreign.toFixed(3)} ms, for none ${absent.toFixed(3)} ms`)
    // Both are one look into a map; reading a file, or hashing one, would take a multiple.
    expect(Math.abs(foreign - absent)).toBeLessThan(0.25 * Math.max(foreign, absent))
  })

  it('finds nothing of A in its sandbox, at the same time or after', async () => {
    const own = job('echo of-a | tee /tmp/a /var/tmp/a a; exec -a held-by-a sleep 2', {
      env: { TOKEN: 'of-a' },
      stdin: 'of-a',
    })
    const running = run(runner, own, A)
    await expect.poll(() => runner.logs().some(({ execId }) => execId === own.execId)).toBe(true)
    const search = `cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^TOKEN=\\|^held'
      find /workspace /tmp /var/tmp /run -type f | wc -l`
    expect((await run(runner, job(search), B)).stdout).toBe('0\n0\n')
    await running
    expect((await run(runner, job(search), B)).stdout).toBe('0\n0\n')
  })

  it('reads neither names nor ids of A in what needs no token', async () => {
    const request = job('echo x')
    await run(runner, request, A)
    for (const path of ['/health', '/metrics']) {
      const text = await (await fetch(`${runner.endpoint.url}${path}`)).text()
      expect(text).not.toMatch(/ten_a|agent:main/)
      expect(text).not.toContain(request.execId)
      expect(text).not.toContain(sha256('ten_a').slice(0, 16))
    }
  })

  it('hears nothing of A’s jobs after a restart either', async () => {
    const keyId = 'runner-of-two'
    const first = await startRunner({ keyId, state: runner.state.concat('-two') })
    const request = job('sleep 30')
    const response = await postExec(first, request, A)
    await response.body?.getReader().read()
    await first.stop('SIGKILL')
    const second = await startRunner({ keyId, state: first.state })
    try {
      const path = `/v1/exec/${request.execId}`
      const ask = (caller: Caller) => send(second, 'GET', path, request.execId, undefined, caller)
      expect((await ask(B)).status).toBe(404)
      expect(await (await ask(A)).json()).toMatchObject({ state: 'unknown_outcome' })
      const own: ExecRequest = { ...job('echo of b'), execId: request.execId }
      expect((await run(second, own, B)).stdout).toBe('of b\n')
    } finally {
      await second.stop()
      rmSync(first.state, { recursive: true, force: true })
    }
  })
})
