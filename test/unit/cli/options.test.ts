import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CliFailure } from '../../../src/cli/failure.ts'
import { parseStartOptions } from '../../../src/cli/start/options.ts'

const TOKEN = 'a-token-of-24-characters'

describe('parseStartOptions', () => {
  it('has defaults for everything', () => {
    expect(parseStartOptions([], {})).toEqual({
      port: 8787,
      host: '127.0.0.1',
      stateDir: resolve('.edgeclaw-state'),
      token: { kind: 'kept' },
      isRunnerWanted: true,
      isQuiet: false,
      sandboxImage: 'edgeclaw-sandbox:bookworm-slim',
      encryptionKey: null,
      runners: null,
      publicUrl: null,
      dist: null,
    })
  })

  it('reads variables, and lets flags win over them', () => {
    const env = {
      EDGECLAW_PORT: '1234',
      EDGECLAW_HOST: '0.0.0.0',
      EDGECLAW_STATE: '/tmp/x',
      EDGECLAW_TOKEN: TOKEN,
      EDGECLAW_NO_RUNNER: '1',
      EDGECLAW_QUIET: 'true',
      EDGECLAW_PUBLIC_URL: 'https://claw.example/',
      EDGECLAW_SANDBOX_IMAGE: 'mine:1',
    }
    expect(parseStartOptions([], env)).toMatchObject({
      port: 1234,
      host: '0.0.0.0',
      stateDir: '/tmp/x',
      token: { kind: 'given', value: TOKEN },
      isRunnerWanted: false,
      isQuiet: true,
      publicUrl: 'https://claw.example',
      sandboxImage: 'mine:1',
    })
    expect(parseStartOptions(['--port', '0', '--host', '::1'], env)).toMatchObject({
      port: 0,
      host: '::1',
    })
  })

  it('takes an empty variable as not set', () => {
    expect(parseStartOptions([], { EDGECLAW_PORT: '', EDGECLAW_TOKEN: '' })).toMatchObject({
      port: 8787,
      token: { kind: 'kept' },
    })
  })

  it('answers null when only help is asked for', () => {
    expect(parseStartOptions(['--help'], {})).toBeNull()
  })

  it.each(['65536', '-1', '1.5', '0x50', 'http', ' 80', '999999999999'])(
    'rejects port %j',
    (port) => {
      expect(() => parseStartOptions([`--port=${port}`], {})).toThrow('from 0 to 65535')
    },
  )

  it('allows the lowest and the highest port', () => {
    expect(parseStartOptions(['--port=0'], {})?.port).toBe(0)
    expect(parseStartOptions(['--port=65535'], {})?.port).toBe(65_535)
  })

  it.each(['127.0.0.1', '127.8.9.10', 'localhost', '::1'])(
    'allows development mode on %s',
    (host) => {
      const options = parseStartOptions(['--token', 'none', '--host', host], {})
      expect(options?.token).toEqual({ kind: 'none' })
    },
  )

  it.each(['0.0.0.0', '::', '192.168.1.2', '127.0.0.1.example', 'localhost.example', '128.0.0.1'])(
    'rejects development mode on %s',
    (host) => {
      expect(() => parseStartOptions(['--token', 'none', '--host', host], {})).toThrow('loopback')
    },
  )

  it('rejects a token that is short or holds a space, and allows one of 24 characters', () => {
    expect(() => parseStartOptions(['--token', TOKEN.slice(1)], {})).toThrow('at least 24')
    expect(() => parseStartOptions(['--token', `${TOKEN} x`], {})).toThrow('without spaces')
    expect(parseStartOptions(['--token', TOKEN], {})?.token.kind).toBe('given')
  })

  it('names no part of a refused token', () => {
    expect(() => parseStartOptions(['--token', 'hunter2-secret'], {})).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    )
  })

  it('rejects a public URL without http, runners that are no list, and a switch that is neither', () => {
    expect(() => parseStartOptions([], { EDGECLAW_PUBLIC_URL: 'claw.example' })).toThrow('http(s)')
    expect(() => parseStartOptions([], { EDGECLAW_RUNNERS: '{}' })).toThrow('JSON list')
    expect(() => parseStartOptions([], { EDGECLAW_RUNNERS: '[' })).toThrow('JSON list')
    expect(() => parseStartOptions([], { EDGECLAW_QUIET: 'maybe' })).toThrow('must be 1 or 0')
    expect(parseStartOptions([], { EDGECLAW_RUNNERS: '[]' })?.runners).toBe('[]')
    expect(parseStartOptions([], { EDGECLAW_QUIET: 'off' })?.isQuiet).toBe(false)
  })

  it.each([
    ['http elsewhere', [{ url: 'http://10.0.0.5:8788', keyId: 'a' }], 'must use https'],
    ['no keyId', [{ url: 'https://a.example' }], 'each entry a keyId'],
    ['an empty keyId', [{ url: 'https://a.example', keyId: '' }], 'each entry a keyId'],
    ['no url', [{ keyId: 'a' }], 'each entry a url'],
    ['a path', [{ url: 'https://a.example/x', keyId: 'a' }], 'as an origin'],
    ['a plain text', ['https://a.example'], 'must be a JSON list'],
    ['a misplaced secret', [{ url: 'https://a.example', keyId: 'a', hunter2: 1 }], 'unknown key'],
    [
      'one keyId for two',
      [
        { url: 'https://a.example', keyId: 'a' },
        { url: 'https://b.example', keyId: 'a' },
      ],
      'two entries one keyId',
    ],
  ])('rejects an entry of EDGECLAW_RUNNERS with %s, in one sentence', (_what, list, sentence) => {
    const start = () => parseStartOptions([], { EDGECLAW_RUNNERS: JSON.stringify(list) })
    expect(start).toThrow(CliFailure)
    expect(start).toThrow(/^EDGECLAW_RUNNERS [a-z]/)
    expect(start).toThrow(sentence)
    expect(start).not.toThrow('hunter2')
  })

  it('takes runners with https, and with http on loopback', () => {
    const list = JSON.stringify([
      { url: 'https://a.example', keyId: 'a' },
      { url: 'http://127.0.0.1:8788', keyId: 'b' },
    ])
    expect(parseStartOptions([], { EDGECLAW_RUNNERS: list })?.runners).toBe(list)
  })

  it('rejects a plain argument', () => {
    expect(() => parseStartOptions(['8080'], {})).toThrow('unexpected argument "8080"')
  })
})
