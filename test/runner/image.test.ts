/** The runner as operators run it: its image, compose.yml's flags, siblings on the real engine. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import { generateRunnerKey, importRunnerKey } from '../../src/crypto/job-token.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { createMemoryWorkspace } from '../support/memory-workspace.ts'
import { composeConfig, docker, missingCompose, runFlags } from './compose.ts'
import { buildRunnerImage } from './runner-image.ts'
import { containersOf, ensureImage, missingEngine, sha256 } from './runner-process.ts'

const missing = (await missingEngine()) ?? missingCompose()
const KEY_ID = `runner-${randomUUID()}`
/** A machine that is busy with something else. */
const WAIT = { timeout: 15_000 }
const NAME = `edgeclaw-test-${KEY_ID}`
const key = await generateRunnerKey()
const settings = {
  EDGECLAW_RUNNER_AUDIENCE: KEY_ID,
  EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify([key.publicJwk]),
}
/** One connection to the runner from inside the container, whose network nobody else is in. */
const RELAY = `
  const socket = require('node:net').connect(process.env.EDGECLAW_RUNNER_PORT, '127.0.0.1')
  process.stdin.pipe(socket).pipe(process.stdout)`
const OPEN_ENGINE = `
  const socket = require('node:net').connect('/var/run/docker.sock')
  socket.on('connect', () => { console.log('open'); socket.destroy() })
  socket.on('error', (error) => console.log(error.code))`

describe.skipIf(missing !== null)('compose.yml', () => {
  it('is refused without the runner’s id and without the gateway’s keys, and says which is missing', () => {
    const { EDGECLAW_RUNNER_AUDIENCE, EDGECLAW_RUNNER_PUBLIC_KEYS } = settings
    const noKeys = composeConfig({ EDGECLAW_RUNNER_AUDIENCE })
    expect(noKeys.service).toBeNull()
    expect(noKeys.stderr).toContain('the gateway’s public keys'.replace('’', "'"))
    const noId = composeConfig({ EDGECLAW_RUNNER_PUBLIC_KEYS })
    expect(noId.service).toBeNull()
    expect(noId.stderr).toContain("the runner's id")
  })

  it('is valid, and hardened as described', () => {
    expect(composeConfig(settings).service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      cap_add: ['SETUID', 'SETGID', 'CHOWN', 'DAC_OVERRIDE'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp:size=256m,noexec,nosuid,nodev'],
      ports: ['127.0.0.1:8788:8788/tcp'],
      environment: settings,
      volumes: [
        expect.stringMatching(/state:\/state:rw$/),
        '/var/run/docker.sock:/var/run/docker.sock:rw',
      ],
    })
  })
})

describe.skipIf(missing !== null)('the runner’s image', () => {
  let service: NonNullable<ReturnType<typeof composeConfig>['service']>
  const relay = createServer((client) => {
    const child = spawn('docker', ['exec', '--interactive', NAME, 'node', '-e', RELAY], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    for (const stream of [client, child.stdin, child.stdout]) stream.on('error', () => {})
    client.pipe(child.stdin)
    child.stdout.pipe(client)
    client.on('close', () => child.kill())
  })
  const urlOf = (server: Server): string => {
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }
  const owner = sha256(JSON.stringify([KEY_ID, '/state'])).slice(0, 32)

  beforeAll(async () => {
    ensureImage()
    buildRunnerImage(NAME)
    const found = composeConfig(settings).service
    const socket = parseEngineAddress(process.env['DOCKER_HOST']).socketPath
    if (found === null || typeof socket !== 'string') throw new Error('no compose.yml or socket')
    service = found
    const flags = runFlags(service, { state: NAME, '/var/run/docker.sock': socket })
    docker('run', '--detach', '--name', NAME, '--network', 'none', ...flags, NAME)
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    await vi.waitFor(() => expect(logs()).toContain('"ready":true'), WAIT)
  })
  afterAll(() => {
    if (missing !== null) return
    relay.close()
    docker('rm', '--force', NAME)
    docker('volume', 'rm', '--force', NAME)
    docker('rmi', '--force', NAME)
  })

  const logs = (): string => {
    const { stdout, stderr } = spawnSync('docker', ['logs', NAME], { encoding: 'utf8' })
    return stdout + stderr
  }
  const inside = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['exec', ...args], { encoding: 'utf8' })).stdout.trim()
  const workspace = createMemoryWorkspace({ 'a.txt': 'one' })
  const exec = async (command: string) =>
    createRunnerSandbox({
      runners: [{ url: urlOf(relay), keyId: KEY_ID }],
      signKey: await importRunnerKey(JSON.stringify(key.privateJwk)),
      fetch: (input, init) => fetch(input, init),
      workspace,
      tenant: 'ten_a',
      session: 'agent:main:ws:direct:image',
      workspaceId: `ten_a/agt_1/${KEY_ID}`,
      access: 'rw',
      scope: 'session',
      limits: CEILINGS,
      now: Date.now,
    }).exec(
      { execId: randomUUID(), command, cwd: '', isResumed: false, hasSeenUntrusted: false },
      { signal: new AbortController().signal, onSlow: () => {} },
    )

  it('is well, and runs a command of the gateway’s client in a sibling, files included', async () => {
    const health = await (await fetch(`${urlOf(relay)}/health`)).json()
    expect(health).toMatchObject({ status: 'ok', engine: { isReachable: true } })
    const ran = await exec('cat a.txt; id -u; echo two > b.txt')
    expect(ran).toMatchObject({
      ok: true,
      value: { stdout: expect.stringMatching(/^one[2-5]\d{4}\n$/), exitCode: 0 },
    })
    expect(workspace.text('b.txt')).toBe('two\n')
    // What the image's HEALTHCHECK asks, every 30 s.
    const check = JSON.parse(
      docker('inspect', '--format', '{{json .Config.Healthcheck.Test}}', NAME),
    )
    await inside(NAME, ...check.slice(1))
  })

  it('has given up what it was started with: uids, capabilities, new privileges', async () => {
    const status = await inside(NAME, 'sh', '-c', 'cat /proc/[0-9]*/status')
    const processes = await inside(
      NAME,
      'sh',
      '-c',
      'for p in /proc/[0-9]*; do echo "$p $(tr "\\0" " " < $p/cmdline)"; done',
    )
    expect(status).not.toMatch(/^NoNewPrivs:\s+0$/m)
    const read = async (what: string) => {
      const pid = new RegExp(`^/proc/(\\d+) \\S+ .*/${what}/main\\.mjs`, 'm').exec(processes)?.[1]
      const text = await inside(NAME, 'cat', `/proc/${pid}/status`)
      return (field: string) =>
        new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim().replaceAll('\t', ' ')
    }
    const front = await read('front')
    expect(front('Uid')).toBe('1000 1000 1000 1000')
    expect(front('Gid')).toBe('1000 1000 1000 1000')
    expect(front('Groups')).toBe('')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
      expect(front(set), set).toBe('0000000000000000')
    }
    const launcher = await read('launcher')
    expect(launcher('Uid')).toBe('0 0 0 0')
    // CHOWN, DAC_OVERRIDE, SETGID, SETUID: bits 0, 1, 6 and 7, and no other.
    expect(launcher('CapEff')).toBe('00000000000000c3')
    expect(launcher('NoNewPrivs')).toBe('1')
    expect(front('NoNewPrivs')).toBe('1')
  })

  it('keeps the engine’s socket from front, and nothing but its state and /tmp writable', async () => {
    const open = (user: string) => inside('--user', user, NAME, 'node', '-e', OPEN_ENGINE)
    expect(await open('1000:1000')).toBe('EACCES')
    expect(await open('0:0')).toBe('open')
    const write = (path: string) =>
      inside(NAME, 'sh', '-c', `touch ${path} 2>&1 && rm ${path} && echo done || true`)
    for (const folder of ['/', '/opt/edgeclaw-runner', '/usr/bin', '/etc']) {
      expect(await write(`${folder}/x`), folder).toContain('Read-only file system')
    }
    for (const folder of ['/tmp', '/state']) expect(await write(`${folder}/x`)).toBe('done')
    const program = 'cp /bin/true /tmp/x && /tmp/x; echo $?; rm /tmp/x'
    expect(await inside(NAME, 'sh', '-c', `(${program}) 2>/dev/null`)).toBe('126')
  })

  it('ends within compose’s grace, with the job told and no container left', async () => {
    const running = exec('trap "" TERM; while :; do sleep 1; done')
    // Its own, and those that wait for others.
    await expect.poll(async () => (await containersOf({ owner })).length, WAIT).toBeGreaterThan(1)
    await expect.poll(() => logs().split('exec_started').length, WAIT).toBe(3)
    const began = performance.now()
    const grace = Number.parseInt(service.stop_grace_period, 10)
    await promisify(execFile)('docker', ['stop', '--time', String(grace), NAME])
    const took = performance.now() - began
    expect(took).toBeLessThan(grace * 1_000)
    expect(docker('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', NAME)).toBe(
      'exited 0',
    )
    expect(await containersOf({ owner })).toEqual([])
    // Nobody here cancelled it: what it did before its runner was stopped is not known.
    expect(await running).toMatchObject({ ok: false, error: { kind: 'outcome_unknown' } })
    expect(logs()).toContain('"stopping"')
  })
})
