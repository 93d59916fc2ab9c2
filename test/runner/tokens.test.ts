/** Who may ask the runner: every claim of a job token, wrong one at a time. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateRunnerKey, importRunnerKey, signJob } from '../../src/crypto/job-token.ts'
import {
  job,
  missingEngine,
  NODE,
  postExec,
  type RunnerProcess,
  run,
  send,
  sha256,
  startRunner,
  tokenFor,
} from './runner-process.ts'

const missing = await missingEngine()
/** A request that passes authentication ends here, without starting anything. */
const PASSED = 404
const PATH = '/v1/exec/exec-1'

describe.skipIf(missing !== null)('job tokens', () => {
  let runner: RunnerProcess
  const get = (caller = {}) => send(runner, 'GET', PATH, 'exec-1', undefined, caller)
  beforeAll(async () => {
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  it('allows a fresh token of the right key', async () => {
    expect((await get()).status).toBe(PASSED)
  })

  it('rejects a missing token', async () => {
    const response = await fetch(`${runner.endpoint.url}${PATH}`)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: { code: 'UNAUTHENTICATED', message: 'the request carries no valid job token' },
    })
  })

  it('rejects a token of another key, also under the right key’s id', async () => {
    const { privateJwk } = await generateRunnerKey()
    const foreign = await importRunnerKey(JSON.stringify(privateJwk))
    expect((await get({ signKey: foreign })).status).toBe(401)
    const disguised = { ...foreign, kid: runner.signKey.kid }
    expect((await get({ signKey: disguised })).status).toBe(401)
  })

  it('rejects alg=none and a token whose claims were altered', async () => {
    const token = await tokenFor(runner, 'GET', PATH, 'exec-1', '')
    const [head = '', claims = '', signature = ''] = token.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${encode({ alg: 'none', kid: runner.signKey.kid })}.${claims}.`
    expect((await get({ token: none })).status).toBe(401)
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const altered = `${head}.${encode({ ...payload, tenant: 'ten_b' })}.${signature}`
    expect((await get({ token: altered })).status).toBe(401)
    expect((await get({ token })).status).toBe(PASSED)
  })

  it('rejects an expired token and one from the future, allows a clock that is little off', async () => {
    expect((await get({ nowMs: Date.now() - 120_000 })).status).toBe(401)
    expect((await get({ nowMs: Date.now() + 120_000 })).status).toBe(401)
    expect((await get({ nowMs: Date.now() - 3_000 })).status).toBe(PASSED)
  })

  it('rejects a replayed token', async () => {
    const token = await tokenFor(runner, 'GET', PATH, 'exec-1', '')
    expect((await get({ token })).status).toBe(PASSED)
    expect((await get({ token })).status).toBe(401)
  })

  it('rejects a token for another runner', async () => {
    expect((await get({ keyId: 'runner-2' })).status).toBe(401)
  })

  it('rejects a token for another method or path', async () => {
    expect((await get({ signed: { method: 'DELETE' } })).status).toBe(401)
    expect((await get({ signed: { path: '/v1/exec/exec-2' } })).status).toBe(401)
    expect((await get({ signed: { path: `${PATH}?from=0` } })).status).toBe(401)
  })

  it('rejects a body that is not the signed one', async () => {
    const request = job('echo never')
    const other = JSON.stringify(job('echo signed'))
    const response = await postExec(runner, request, { signed: { body: other } })
    expect(response.status).toBe(401)
  })

  it('rejects a token for another exec', async () => {
    const request = job('echo never')
    const body = JSON.stringify(request)
    const response = await send(runner, 'POST', '/v1/exec', 'exec-2', body)
    expect(response.status).toBe(400)
    expect((await send(runner, 'GET', '/v1/exec/exec-2', 'exec-1')).status).toBe(404)
  })

  it('rejects a token without tenant', async () => {
    const token = await signJob(
      runner.signKey,
      {
        audience: runner.endpoint.keyId,
        method: 'GET',
        path: PATH,
        tenant: '',
        session: 's',
        exec: 'exec-1',
        bodySha256: sha256(''),
      },
      Date.now(),
    )
    expect((await get({ token })).status).toBe(401)
  })

  it('takes tokens of two keys during a rotation', async () => {
    const [old, next] = await Promise.all([generateRunnerKey(), generateRunnerKey()])
    const rotating = await startRunner({
      key: old,
      env: { EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify([old.publicJwk, next.publicJwk]) },
    })
    try {
      const signKey = await importRunnerKey(JSON.stringify(next.privateJwk))
      const answers = await Promise.all([
        send(rotating, 'GET', PATH, 'exec-1'),
        send(rotating, 'GET', PATH, 'exec-1', undefined, { signKey }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([PASSED, PASSED])
    } finally {
      await rotating.stop()
    }
  })

  it('logs refusals without saying why to the caller', async () => {
    const before = runner.logs().length
    await get({ keyId: 'runner-2' })
    await expect
      .poll(() => runner.logs().slice(before))
      .toContainEqual(expect.objectContaining({ event: 'unauthenticated' }))
  })
})

describe('starting the runner', () => {
  const publicKeys = async () => JSON.stringify([(await generateRunnerKey()).publicJwk])

  it.each([
    ['an empty audience', { EDGECLAW_RUNNER_AUDIENCE: '' }, 'EDGECLAW_RUNNER_AUDIENCE'],
    ['no public key', { EDGECLAW_RUNNER_PUBLIC_KEYS: '[]' }, 'EDGECLAW_RUNNER_PUBLIC_KEYS'],
    ['keys that are no JSON', { EDGECLAW_RUNNER_PUBLIC_KEYS: 'x' }, 'must be JSON'],
    ['a port that is none', { EDGECLAW_RUNNER_PORT: '70000' }, 'EDGECLAW_RUNNER_PORT'],
    ['no state', { EDGECLAW_RUNNER_STATE: '' }, 'EDGECLAW_RUNNER_STATE'],
    ['an engine it cannot speak to', { DOCKER_HOST: 'ssh://host' }, 'DOCKER_HOST'],
  ])('is refused with %s', async (_what, env, sentence) => {
    await expect(startRunner({ env })).rejects.toThrow(sentence)
  })

  it('is refused with a private key', async () => {
    const { privateJwk } = await generateRunnerKey()
    const env = { EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify([privateJwk]) }
    await expect(startRunner({ env })).rejects.toThrow('private half')
  })

  it.skipIf(process.getuid?.() !== 0)(
    'as root gives front another uid, and it still works',
    async () => {
      const runner = await startRunner({ env: { EDGECLAW_FRONT_UID: '1000' } })
      try {
        const tree = (pid: number): number[] => {
          const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
          return children.map(Number).filter((child) => child > 0)
        }
        const uids = tree(runner.child.pid ?? 0).map((pid) => {
          const status = readFileSync(`/proc/${pid}/status`, 'utf8')
          return /^Uid:\t(\d+)/m.exec(status)?.[1]
        })
        expect(uids).toEqual(['0', '1000'])
        const answer = await fetch(`${runner.endpoint.url}/health`)
        expect((await answer.json()).engine.isReachable).toBe(missing === null)
        if (missing === null) expect((await run(runner, job('echo hi'))).stdout).toBe('hi\n')
      } finally {
        await runner.stop()
      }
    },
  )

  it('works from its bundle, without the sources', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-bundle-'))
    const script = fileURLToPath(new URL('../../sandbox-runner/bundle.ts', import.meta.url))
    execFileSync(NODE, [script, folder], { stdio: 'inherit' })
    const runner = await startRunner({ main: join(folder, 'src/main.mjs') })
    try {
      expect((await fetch(`${runner.endpoint.url}/health`)).status).toBe(200)
      if (missing === null) expect((await run(runner, job('echo hi'))).stdout).toBe('hi\n')
    } finally {
      await runner.stop()
      rmSync(folder, { recursive: true })
    }
  })

  it('is allowed without an engine, and says so', async () => {
    const runner = await startRunner({
      env: {
        DOCKER_HOST: 'unix:///nonexistent/docker.sock',
        EDGECLAW_RUNNER_PUBLIC_KEYS: await publicKeys(),
      },
    })
    try {
      const health = await (await fetch(`${runner.endpoint.url}/health`)).json()
      expect(health).toMatchObject({ status: 'degraded', engine: { isReachable: false } })
    } finally {
      await runner.stop()
    }
  })
})
