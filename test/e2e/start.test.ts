/**
 * `npm start` as its user meets it: ready, a command that runs hardened and not here, files that
 * outlive a restart, a stop that leaves nothing behind, and refusals where something is missing.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import { OWNER_LABEL } from '../../sandbox-runner/src/launcher/sandboxes.ts'
import { runnerOwner } from '../../sandbox-runner/src/owner.ts'
import { type GatewayClient, RefusedError } from '../../src/cli/client.ts'
import { hostBundle, SETTINGS, TOKEN } from '../support/bundle-host.ts'
import { missingDocker } from '../support/docker.ts'
import { allGone, type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

const FIRST_START_MS = 60_000
const SECOND_START_MS = 3_000
/** On a machine that others keep busier than this a wall clock tells nothing about us. */
const MAX_LOAD_PER_CORE = 2
/** Whoever stops the gateway waits no longer; the machine may be busy with other tests. */
const STOP_MS = 10_000

interface Answer {
  readonly runId: string
  readonly content: string
}

const SESSION = 'agent:default:ws:direct:start'

const say = async (client: GatewayClient, message: string, sessionKey = SESSION): Promise<Answer> =>
  (await client.request('chat.send', { sessionKey, message })) as Answer

/** A field of /proc/PID/status. */
const field = (status: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''

const withoutDocker = await missingDocker('commands in the sandbox')

describe('npm start without a sandbox', () => {
  let state: string
  let gateway: GatewayProcess

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'edgeclaw-start-'))
    gateway = await startGatewayProcess({ state, args: ['--no-runner'] })
  })

  afterAll(async () => {
    await gateway?.stop()
    rmSync(state, { recursive: true, force: true })
  })

  it('is ready within a minute at the first start and tells what a user needs', () => {
    expect(gateway.readyMs).toBeLessThan(FIRST_START_MS)
    const output = gateway.output()
    expect(output).toContain(gateway.url)
    expect(output).toContain(gateway.token)
    expect(output).toContain('the exec tool is refused')
    expect(output.trimEnd().endsWith(`ready ${gateway.url}`)).toBe(true)
  })

  it('refuses exec and runs nothing on the host', async () => {
    const proof = join(state, 'ran-on-the-host')
    const client = await gateway.connect()
    const { content } = await say(client, `run: touch ${proof}; id -u`)
    client.close()
    expect(content).toContain('sandbox unavailable')
    expect(content).not.toContain('exit code')
    expect(existsSync(proof)).toBe(false)
    expect(gateway.runnerPid()).toBeNull()
  })

  it('allows the tools that need no sandbox', async () => {
    const client = await gateway.connect()
    const { content } = await say(client, 'write: notes.txt: kept\nread: notes.txt')
    client.close()
    expect(content).toContain('read_file answered:')
    expect(content).toContain('kept')
  })

  it('refuses a wrong token and allows the right one', async () => {
    await expect(gateway.connect({ token: `${gateway.token}x` })).rejects.toThrow(RefusedError)
    const client = await gateway.connect()
    expect(await client.request('health')).toMatchObject({ status: 'ok' })
    client.close()
  })

  it('refuses a second gateway on the same state folder', async () => {
    await expect(startGatewayProcess({ state, args: ['--no-runner'] })).rejects.toThrow(
      /another gateway/,
    )
  })

  it('ends with everything it started, and starts again on the same folder', async () => {
    const tree = gateway.tree()
    expect(tree.length).toBeGreaterThan(1)
    expect(await gateway.stop()).toBe(0)
    await allGone(tree, STOP_MS)
    gateway = await startGatewayProcess({ state, args: ['--no-runner'] })
  })
})

describe.skipIf(withoutDocker !== null)('npm start with the sandbox', () => {
  const engine = createEngine(parseEngineAddress(process.env['DOCKER_HOST']))
  let state: string
  let gateway: GatewayProcess

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'edgeclaw-start-'))
    gateway = await startGatewayProcess({ state })
    // A quick machine says more in three seconds than a person may.
    const client = await gateway.connect()
    await client.request('config.patch', {
      raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
    })
    client.close()
  })

  afterAll(async () => {
    await gateway?.stop()
    rmSync(state, { recursive: true, force: true })
  })

  it('runs a command in the container: no root, no capabilities, filtered', async () => {
    const client = await gateway.connect()
    const { content } = await say(client, 'run: id; cat /proc/self/status')
    client.close()
    expect(content).toContain('[exit code 0]')
    expect(content).not.toMatch(/uid=0\b/)
    expect(content).not.toMatch(/groups=.*\b0\b/)
    expect(field(content, 'Uid').split(/\s+/)).not.toContain('0')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(field(content, set)).toMatch(/^0+$/)
    }
    expect(field(content, 'NoNewPrivs')).toBe('1')
    expect(field(content, 'Seccomp')).toBe('2')
  })

  it('shows a command another machine than the host', async () => {
    const client = await gateway.connect()
    const { content } = await say(client, `run: ls ${state}; hostname; ls -A /workspace`)
    client.close()
    expect(content).toContain('sandbox')
    expect(content).toContain('No such file')
    expect(content).not.toContain('encryption.key')
  })

  it('keeps what a command wrote over a restart of gateway and runner', async () => {
    const first = await gateway.connect()
    await say(first, 'run: mkdir -p deep/er; printf "line %s" one > deep/er/file.txt')
    const before = await say(first, 'read: deep/er/file.txt')
    expect(before.content).toContain('line one')
    first.close()
    const tree = gateway.tree()
    expect(tree).toContain(gateway.runnerPid())
    expect(await gateway.stop()).toBe(0)
    await allGone(tree, STOP_MS)
    gateway = await startGatewayProcess({ state })
    const second = await gateway.connect()
    const after = await say(second, 'read: deep/er/file.txt\nrun: cat deep/er/file.txt')
    expect(after.content.match(/line one/g)).toHaveLength(2)
    const { messages } = (await second.request('chat.history', { sessionKey: SESSION })) as {
      messages: readonly { content: string }[]
    }
    expect(messages.some(({ content }) => content.includes('deep/er/file.txt'))).toBe(true)
    second.close()
  })

  it('is ready within three seconds when it is not the first start', async () => {
    let readyMs = Number.POSITIVE_INFINITY
    // The best of three: whatever else this machine does must not decide it.
    for (let start = 0; start < 3 && readyMs >= SECOND_START_MS; start++) {
      await gateway.stop()
      gateway = await startGatewayProcess({ state })
      readyMs = Math.min(readyMs, gateway.readyMs)
    }
    const [load = 0] = loadavg()
    if (load > MAX_LOAD_PER_CORE * availableParallelism()) {
      console.warn(`not judged: ready after ${readyMs.toFixed(0)} ms under a load of ${load}`)
      return
    }
    expect(readyMs).toBeLessThan(SECOND_START_MS)
  })

  it('stops in the middle of a command and leaves no process and no container', async () => {
    const client = await gateway.connect()
    const started = Promise.withResolvers<void>()
    client.onEvent(({ payload }) => {
      if ((payload as { type: string }).type === 'tool.call') started.resolve()
    })
    const answered = say(client, 'run: sleep 60').catch((error: unknown) => error)
    await started.promise
    const containers = async () =>
      (await engine.listContainers(`${OWNER_LABEL}=${runnerOwner('local', join(state, 'runner'))}`))
        .length
    // The command's own, and those that wait for others.
    await expect.poll(containers, { timeout: 10_000 }).toBeGreaterThan(1)
    const tree = gateway.tree()
    expect(await gateway.stop()).toBe(0)
    await answered
    await allGone(tree, STOP_MS)
    expect(await containers()).toBe(0)
    gateway = await startGatewayProcess({ state })
  })

  it('ends what a killed host left behind, and loses nothing that was said', async () => {
    const tree = gateway.tree()
    await gateway.stop('SIGKILL')
    gateway = await startGatewayProcess({ state })
    await allGone(tree, STOP_MS)
    const client = await gateway.connect()
    // Not in the session whose command was cut: its run is taken up again, and would be joined.
    const { content } = await say(client, 'run: cat deep/er/file.txt', `${SESSION}-anew`)
    client.close()
    expect(content).toContain('line one')
  })
})

describe('a setting that is missing', () => {
  const ask = async (settings: Readonly<Record<string, string>>) => {
    const host = await hostBundle(['gateway'], settings)
    try {
      const [url = ''] = host.urls
      const paths = ['/health', '/v1/agents', '/v1/chat/completions']
      return await Promise.all(
        paths.map(async (path) => {
          const method = path.endsWith('completions') ? 'POST' : 'GET'
          const response = await fetch(`${url}${path}`, { method })
          return { status: response.status, text: await response.text() }
        }),
      )
    } finally {
      await host.close()
    }
  }

  const { EDGECLAW_ENCRYPTION_KEY: encryptionKey = '', ...withoutKey } = SETTINGS
  const { EDGECLAW_TOKEN: _token, ...withoutToken } = SETTINGS

  for (const [name, settings] of [
    ['EDGECLAW_ENCRYPTION_KEY', withoutKey],
    ['EDGECLAW_TOKEN', { ...withoutToken, EDGECLAW_PLATFORM: 'cloudflare' }],
  ] as const) {
    it(`answers 503 with the name of ${name} and none of the others' values`, async () => {
      for (const { status, text } of await ask(settings)) {
        expect(status).toBe(503)
        expect(text).toContain(`${name} is missing`)
        expect(text).not.toContain(encryptionKey)
        expect(text).not.toContain(TOKEN)
      }
    })
  }

  it('answers 503 for a malformed key, without repeating it', async () => {
    for (const { status, text } of await ask({
      ...SETTINGS,
      EDGECLAW_ENCRYPTION_KEY: 'too-short',
    })) {
      expect(status).toBe(503)
      expect(text).toContain('EDGECLAW_ENCRYPTION_KEY')
      expect(text).not.toContain('too-short')
    }
  })

  it('refuses development mode to a deployment', async () => {
    const settings = {
      ...SETTINGS,
      EDGECLAW_PLATFORM: 'cloudflare',
      EDGECLAW_DEVELOPMENT_MODE: '1',
    }
    for (const { status, text } of await ask(settings)) {
      expect(status).toBe(503)
      expect(text).toContain('EDGECLAW_DEVELOPMENT_MODE')
    }
  })

  it('answers when nothing is missing', async () => {
    const [health, agents] = await ask(SETTINGS)
    expect(health?.status).toBe(200)
    expect(agents?.status).toBe(401)
  })
})
