/**
 * `bin/edgeclaw.mjs` as its user types it, against a gateway that was started as its user starts it:
 * logging in, asking, being refused, and never a secret in what is written.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { ROOT } from '../../src/cli/root.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

const BIN = join(ROOT, 'bin/edgeclaw.mjs')
/** Given to the gateway as a provider's key, and to be seen nowhere. */
const PROVIDER_KEY = 'sk-ant-api03-planted-provider-key-000000000000'

let gateway: GatewayProcess
let home: string
/** Everything that any command wrote, on both streams. */
let everything = ''

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'edgeclaw-cli-'))
  gateway = await startGatewayProcess({ args: ['--no-runner'] })
})
afterAll(async () => {
  await gateway?.stop()
  rmSync(home, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function edgeclaw(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: home,
    env: {
      PATH: process.env['PATH'] ?? '',
      XDG_CONFIG_HOME: join(home, 'config'),
      NO_COLOR: '1',
      ...env,
    },
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes) => (out += String(bytes)))
  child.stderr.on('data', (bytes) => (err += String(bytes)))
  child.stdin.end(input)
  return new Promise((resolve) => {
    child.on('close', (code) => {
      everything += out + err
      resolve({ code, out, err })
    })
  })
}

const json = ({ out }: Ran): unknown => JSON.parse(out)
const login = (name: string, token: string) =>
  edgeclaw(['login', '--url', gateway.url, '--token-stdin', '--profile', name], { input: token })

describe('edgeclaw', () => {
  it('logs in from standard input and keeps the credential for its owner alone', async () => {
    const { code, out } = await login('platform', `${gateway.token}\n`)
    expect([code, out]).toEqual([EXIT.ok, '✓ logged in as system, owner of default\n'])
    const modeOf = (path: string) =>
      (statSync(join(home, 'config/edgeclaw', path)).mode & 0o777).toString(8)
    expect([modeOf('.'), modeOf('profiles.json')]).toEqual(['700', '600'])
  })

  it('says who one is and which gateway that is', async () => {
    expect(json(await edgeclaw(['whoami', '--json']))).toMatchObject({
      user_id: 'system',
      role: 'owner',
      tenant: 'default',
      gateway: gateway.url,
      found_by: 'profile platform',
    })
  })

  it('lists agents for programs and for people', async () => {
    const { agents } = json(await edgeclaw(['agents', 'list', '--json'])) as {
      agents: { id: string }[]
    }
    expect(agents.map(({ id }) => id)).toEqual(['default'])
    const { out } = await edgeclaw(['agents'])
    expect(out).toMatch(/^ID +NAME +PROVIDER +MODEL +AGENT TYPE +STATUS +RUNNING\ndefault +\S/)
  })

  it('makes a key, is refused with it where it may not, and not after it is revoked', async () => {
    const words = ['keys', 'create', 'reader', '--owner-id', 'ann', '--scopes', 'operator.read']
    const made = await edgeclaw(words)
    const key = made.out.trim()
    // Shown once, alone on standard output; from here on it is a secret.
    expect(key).toMatch(/^ec_default_[\w-]{43}$/)
    everything = everything.replaceAll(key, '')
    const [, id = ''] = /\b(key_\w+)/.exec(made.err) ?? []
    expect(await login('reader', key)).toMatchObject({ code: EXIT.ok })

    const listed = (await edgeclaw(['keys', 'list'])).out
    expect(listed).toContain(id)
    expect(listed).not.toContain(key)

    const asReader = ['--profile', 'reader']
    expect((await edgeclaw(['agents', ...asReader])).code).toBe(EXIT.ok)
    const refused = await edgeclaw(['keys', 'list', ...asReader])
    expect(refused).toMatchObject({ code: EXIT.unauthorised, out: '' })
    expect(refused.err).toContain('UNAUTHORIZED')

    const unsure = await edgeclaw(['keys', 'revoke', id])
    expect(unsure).toMatchObject({ code: EXIT.usage, out: '' })
    expect((await edgeclaw(['agents', ...asReader])).code).toBe(EXIT.ok)
    expect(await edgeclaw(['keys', 'revoke', id, '--yes'])).toMatchObject({
      code: EXIT.ok,
      out: `✓ revoked ${id}\n`,
    })
    expect((await edgeclaw(['agents', ...asReader])).code).toBe(EXIT.unauthorised)
    expect(await login('again', key)).toMatchObject({ code: EXIT.unauthorised })
    expect(everything).not.toContain(key)
  })

  it('takes a provider’s key from standard input', async () => {
    const words = [
      'providers',
      'create',
      'claude',
      '--provider-type',
      'anthropic',
      '--api-key-stdin',
    ]
    expect(await edgeclaw(words, { input: `${PROVIDER_KEY}\n` })).toMatchObject({ code: EXIT.ok })
    const { out } = await edgeclaw(['providers'])
    expect(out).toMatch(/claude +anthropic/)
    expect(out).toContain('***')
  })

  it.each<[string, readonly string[], number, RegExp]>([
    ['what is not there', ['agents', 'get', 'nobody'], EXIT.refused, /NOT_FOUND/],
    ['an unknown word', ['agnets'], EXIT.usage, /Did you mean agents\?/],
    ['an unknown flag', ['agents', '--jsno'], EXIT.usage, /Did you mean --json\?/],
    [
      'a token as an argument',
      ['agents', '--token', 'ec_planted'],
      EXIT.usage,
      /never an argument/,
    ],
    ['a profile that is not there', ['agents', '--profile', 'nobody'], EXIT.usage, /no profile/],
  ])('tells %s', async (_, words, code, message) => {
    const ran = await edgeclaw(words)
    expect([ran.code, ran.out]).toEqual([code, ''])
    expect(ran.err).toMatch(message)
  })

  it('tells an absent gateway from a wrong token', async () => {
    // A port that was free a moment ago.
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))
    const env = {
      EDGECLAW_URL: `http://127.0.0.1:${port}`,
      EDGECLAW_TOKEN: 'planted-environment-token',
    }
    expect((await edgeclaw(['agents'], { env })).code).toBe(EXIT.unreachable)
    const wrong = { EDGECLAW_URL: gateway.url, EDGECLAW_TOKEN: 'planted-environment-token' }
    expect((await edgeclaw(['agents'], { env: wrong })).code).toBe(EXIT.unauthorised)
    expect(everything).not.toContain('planted-environment-token')
  })

  it('sends a stored token to no other gateway', async () => {
    const heard: string[] = []
    const stranger = createServer((socket) => {
      socket.on('data', (bytes) => heard.push(String(bytes)))
      socket.on('error', () => undefined)
      setImmediate(() => socket.end('HTTP/1.1 404 no\r\n\r\n'))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => stranger.once('listening', resolve))
    const { port } = stranger.address() as { port: number }
    const { code } = await edgeclaw(['agents', '--url', `http://127.0.0.1:${port}`])
    stranger.close()
    expect(code).toBe(EXIT.unreachable)
    expect(heard.join('')).toContain('GET /ws')
    expect(heard.join('')).not.toContain(gateway.token)
  })

  it('diagnoses a gateway that works, and one that does not', async () => {
    const well = await edgeclaw(['doctor', '--json'])
    expect(json(well)).toMatchObject({ ok: true })
    expect(well.code).toBe(EXIT.ok)
    const ill = await edgeclaw(['doctor', '--url', 'http://127.0.0.1:1'])
    expect(ill.code).toBe(EXIT.refused)
    expect(ill.out).toMatch(/✗ reachable +no gateway answers \(ECONNREFUSED\)\n +→ start one/)
  })

  it('probes the gateway from outside, and finds its refusals in order', async () => {
    const { out } = await edgeclaw(['security', 'audit', '--deep', '--json'])
    const { outside } = JSON.parse(out) as { outside: { checkId: string; severity: string }[] }
    const found = Object.fromEntries(outside.map(({ checkId, severity }) => [checkId, severity]))
    expect(found).toMatchObject({
      'outside.no_credential': 'ok',
      'outside.unknown_path': 'ok',
      'outside.made_up_key': 'ok',
      'outside.oversize_body': 'ok',
      'outside.health_tells': 'ok',
    })
  })

  it('reports everything and nothing secret', async () => {
    const { code, out } = await edgeclaw(['status', '--all'])
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/agents +1$/m)
    for (const secret of [gateway.token, PROVIDER_KEY, 'claude', 'system', home]) {
      expect(out.replace(/^ +system +\S+ \S+$/m, '')).not.toContain(secret)
    }
    expect(out).not.toMatch(/\bann\b/)
  })

  it('refuses profiles that others can read, and forgets one at logout', async () => {
    const file = join(home, 'config/edgeclaw/profiles.json')
    chmodSync(file, 0o644)
    const open = await edgeclaw(['whoami'])
    expect(open.code).toBe(EXIT.refused)
    expect(open.err).toContain(`chmod 600 ${file}`)
    expect((await edgeclaw(['doctor'])).out).toMatch(/✗ profiles/)
    chmodSync(file, 0o600)
    expect((await edgeclaw(['logout', '--profile', 'platform'])).code).toBe(EXIT.ok)
    expect((await edgeclaw(['whoami', '--profile', 'platform'])).code).toBe(EXIT.usage)
  })

  it('has written no secret anywhere', () => {
    expect(everything.length).toBeGreaterThan(2_000)
    expect(everything).not.toContain(gateway.token)
    expect(everything).not.toContain(PROVIDER_KEY)
    expect(everything).not.toContain('planted')
  })
})
