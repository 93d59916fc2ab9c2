import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOGIN, LOGOUT } from '../../../src/cli/login.ts'
import { LIST, USE } from '../../../src/cli/profile-commands.ts'
import { readProfiles } from '../../../src/cli/profiles.ts'
import { WHOAMI } from '../../../src/cli/whoami.ts'
import { openIo } from './command-io.ts'
import { TOKEN, useFakeGateway } from './fake-gateway.ts'

const open = useFakeGateway()
let home: string
let env: Record<string, string>
let server: Server | null = null

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'edgeclaw-login-'))
  env = { XDG_CONFIG_HOME: home }
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
  server?.close()
  server = null
})

const login = async (args: readonly string[], typed: readonly string[], isTTY = false) => {
  const io = openIo({ typed, isTTY, env })
  const code = await LOGIN.run(args, io, '').catch((error: Error & { exitCode?: number }) => {
    io.written.err += error.message
    return error.exitCode
  })
  return { code, ...io.written, rawModes: io.rawModes }
}
const stored = () => readProfiles(env)

describe('edgeclaw login', () => {
  it('takes the token from standard input, proves it and keeps it', async () => {
    const { url } = await open(() => undefined)
    const { code, out, err } = await login(['--url', url, '--token-stdin'], [`${TOKEN}\n`])
    expect([code, out]).toEqual([0, expect.stringContaining('✓ logged in as')])
    expect(stored()).toMatchObject({
      current: 'default',
      profiles: { default: { url, token: TOKEN } },
    })
    expect(out + err).not.toContain(TOKEN)
  })

  it('asks for it without echo at a terminal', async () => {
    const { url } = await open(() => undefined)
    const { code, err, rawModes } = await login(['--url', url], [...TOKEN, '\r'], true)
    expect([code, rawModes]).toEqual([0, [true, false]])
    expect(err).toContain(`Token for ${url}: \n`)
    expect(err).not.toContain(TOKEN)
  })

  it('keeps nothing of a token that the gateway refuses, and does not repeat it', async () => {
    const { url } = await open(() => undefined)
    const { code, out, err } = await login(['--url', url, '--token-stdin'], ['wrong-token'])
    expect(code).toBe(4)
    expect(out + err).not.toContain('wrong-token')
    expect(stored().profiles).toEqual({})
  })

  it.each([
    ['no word as token', ['ect_planted'], ['x'], 2],
    ['nothing', ['--token-stdin'], ['\n'], 2],
    ['two lines', ['--token-stdin'], ['a\nb\n'], 2],
    ['nobody to ask', [], [TOKEN], 2],
  ])('refuses %s before it asks', async (_, args, typed, expected) => {
    const { url, requests } = await open(() => undefined)
    const { code, err } = await login(['--url', url, ...args], typed)
    expect(code).toBe(expected)
    expect(err).not.toContain('ect_planted')
    expect(requests).toEqual([])
  })

  it.each([
    ['http://gateway.example', 'is not encrypted'],
    ['https://ann:hunter2@gateway.example', 'holds no user and no password'],
    ['https://gateway.example/v1', 'ends with its host'],
    ['gateway.example', 'Did you mean https://gateway.example?'],
    ['ftp://gateway.example', 'begins with https://'],
  ])('refuses %s', async (url, message) => {
    const { code, err } = await login(['--url', url, '--token-stdin'], [TOKEN])
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(err).not.toContain('hunter2')
  })

  it('does not write another gateway over a profile that was not named', async () => {
    const { url } = await open(() => undefined)
    await login(['--url', url, '--token-stdin'], [TOKEN])
    const other = ['--url', 'http://127.0.0.1:1', '--token-stdin']
    expect(await login(other, [TOKEN])).toMatchObject({ code: 2 })
    expect(stored().profiles['default']?.url).toBe(url)
  })

  it('leaves the current profile as it is when another is added', async () => {
    const { url } = await open(() => undefined)
    await login(['--url', url, '--token-stdin'], [TOKEN])
    await login(['--url', url, '--token-stdin', '--profile', 'two'], [TOKEN])
    expect(stored().current).toBe('default')
    expect(Object.keys(stored().profiles)).toEqual(['default', 'two'])
    expect(await USE.run(['two'], openIo({ env }), 'use')).toBe(0)
    expect(stored().current).toBe('two')
  })

  it('is used by what comes after, and forgotten by logout', async () => {
    const { url } = await open(() => undefined)
    await login(['--url', url, '--token-stdin'], [TOKEN])
    const who = openIo({ env })
    expect(await WHOAMI.run(['--json'], who, '')).toBe(0)
    expect(JSON.parse(who.written.out)).toMatchObject({
      user_id: 'olga',
      gateway: url,
      found_by: 'profile default',
    })
    const io = openIo({ env })
    expect(await LOGOUT.run([], io, '')).toBe(0)
    expect(stored()).toMatchObject({ current: null, profiles: {} })
    await expect(LOGOUT.run([], openIo({ env }), '')).rejects.toThrow('nobody is logged in')
  })

  it('shows profiles without their tokens', async () => {
    const { url } = await open(() => undefined)
    await login(['--url', url, '--token-stdin'], [TOKEN])
    for (const args of [[], ['--json']]) {
      const io = openIo({ env })
      await LIST.run(args, io, 'list')
      expect(io.written.out).toContain(url)
      expect(io.written.out).not.toContain(TOKEN)
    }
  })
})

describe('edgeclaw login --pair', () => {
  /** Answers POST /pair; the socket beside it is not there, so what comes after is unreachable. */
  const pairing = async (status: number, body: object) => {
    const asked: unknown[] = []
    const listening = createServer((request, response) => {
      asked.push([request.method, request.url, request.headers['x-pairing-code']])
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    server = listening
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, asked }
  }

  it('sends the code in its header and proves the token that comes', async () => {
    const { url, asked } = await pairing(200, { token: 'ec_default_planted' })
    const { code, out, err } = await login(['--url', url, '--pair', '123456'], [])
    expect(asked[0]).toEqual(['POST', '/pair', '123456'])
    // Nobody speaks the socket there: an unproven token is not kept.
    expect(code).toBe(3)
    expect(out + err).not.toContain('ec_default_planted')
    expect(stored().profiles).toEqual({})
  })

  it('reads a code from a pipe, where no other user of the machine sees it', async () => {
    const { url, asked } = await pairing(200, { token: 'ec_default_planted' })
    await login(['--url', url, '--pair', '-'], ['123456\n'])
    expect(asked[0]).toEqual(['POST', '/pair', '123456'])
  })

  it('says why a code was not accepted', async () => {
    const { url } = await pairing(401, {
      error: { code: 'UNAUTHORIZED', message: 'wrong\u001b[2J code' },
    })
    const { code, err } = await login(['--url', url, '--pair', '123456'], [])
    expect([code, err]).toEqual([4, 'the code was not accepted: wrong code'])
  })

  it.each(['12345', '1234567', 'abcdef', '123 456'])('asks nobody with %j', async (typed) => {
    const { url, asked } = await pairing(200, {})
    expect(await login(['--url', url, '--pair', typed], [])).toMatchObject({ code: 2 })
    expect(asked).toEqual([])
  })
})
