import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Env, parseSettings } from '../../../src/gateway/env.ts'

const BINDINGS = [
  'DB',
  'BLOBS',
  'SESSIONS',
  'CONNECTIONS',
  'WORKSPACES',
  'LIMITERS',
  'TENANTS',
  'INBOXES',
]
const SECRET = 'hunter2-is-a-secret-value'
const RUNNERS = JSON.stringify([{ url: 'https://runner.example', keyId: 'r1' }])

const good = {
  ...Object.fromEntries([...BINDINGS, 'SHIELD'].map((name) => [name, {}])),
  EDGECLAW_TOKEN: SECRET,
  EDGECLAW_ENCRYPTION_KEY: 'a1'.repeat(32),
}
const parse = (changes: Record<string, unknown>) =>
  parseSettings({ ...good, ...changes } as unknown as Env)

describe('parseSettings', () => {
  it('takes the least that a deployment must set, and closes the rest', () => {
    expect(parse({})).toEqual({
      ok: true,
      value: {
        version: expect.any(String),
        token: SECRET,
        encryptionKey: 'a1'.repeat(32),
        previousEncryptionKey: null,
        acceptPlaintext: false,
        runners: [],
        runnerKey: null,
        publicOrigin: null,
        platform: 'cloudflare',
        isDevelopmentMode: false,
        ownerIds: ['system'],
        allowedOrigins: [],
        trustedProxies: [],
        rateCeilingRpm: 0,
      },
    })
  })

  it('reads what an operator may set', () => {
    const settings = parse({
      EDGECLAW_ENCRYPTION_KEY_PREVIOUS: 'b2'.repeat(32),
      EDGECLAW_RUNNERS: RUNNERS,
      EDGECLAW_RUNNER_KEY: 'key',
      EDGECLAW_PUBLIC_URL: 'https://gateway.example:8443/some/path',
      EDGECLAW_OWNER_IDS: 'ada, bob,,',
      EDGECLAW_ALLOWED_ORIGINS: 'https://a.example',
      EDGECLAW_TRUSTED_PROXIES: '10.0.0.0/8',
      EDGECLAW_RATE_CEILING_RPM: '60',
      EDGECLAW_ACCEPT_PLAINTEXT: '1',
    })
    expect(settings).toMatchObject({
      value: {
        previousEncryptionKey: 'b2'.repeat(32),
        runners: [{ url: 'https://runner.example', keyId: 'r1' }],
        publicOrigin: 'https://gateway.example:8443',
        ownerIds: ['ada', 'bob'],
        allowedOrigins: ['https://a.example'],
        trustedProxies: ['10.0.0.0/8'],
        rateCeilingRpm: 60,
        acceptPlaintext: true,
      },
    })
  })

  it('takes an empty variable for one that is not set', () => {
    expect(parse({ EDGECLAW_OWNER_IDS: '', EDGECLAW_PLATFORM: '' })).toMatchObject({
      value: { ownerIds: ['system'], platform: 'cloudflare' },
    })
    expect(parse({ EDGECLAW_TOKEN: '' })).toMatchObject({ ok: false })
  })

  it('refuses to start without a binding, naming it', () => {
    for (const name of BINDINGS) {
      expect(parse({ [name]: undefined }), name).toMatchObject({
        error: expect.stringContaining(name),
      })
    }
  })

  it('refuses a deployment without its shield, and allows a local run without one', () => {
    expect(parse({ SHIELD: undefined })).toMatchObject({ error: expect.stringContaining('SHIELD') })
    expect(parse({ SHIELD: undefined, EDGECLAW_PLATFORM: 'local' }).ok).toBe(true)
  })

  it('refuses every malformed setting with a sentence that names it', () => {
    const wrong: Record<string, unknown> = {
      EDGECLAW_ENCRYPTION_KEY: undefined,
      EDGECLAW_RUNNERS: '[',
      EDGECLAW_PUBLIC_URL: 'javascript:alert(1)',
      EDGECLAW_PLATFORM: 'mainframe',
      EDGECLAW_DEVELOPMENT_MODE: 'yes',
      EDGECLAW_RATE_CEILING_RPM: 'many',
      EDGECLAW_ACCEPT_PLAINTEXT: 'true',
      EDGECLAW_TOKEN: undefined,
    }
    for (const [name, value] of Object.entries(wrong)) {
      expect(parse({ [name]: value }), name).toMatchObject({
        ok: false,
        error: expect.stringContaining(name),
      })
    }
  })

  it('refuses runners that are no list of https origins, and allows loopback in the clear', () => {
    const list = (url: string) => ({
      EDGECLAW_RUNNERS: JSON.stringify([{ url, keyId: 'r' }]),
      EDGECLAW_RUNNER_KEY: 'key',
    })
    for (const url of [
      'http://runner.example',
      'https://u:p@r.example',
      'https://r.example/x',
      'r',
    ]) {
      expect(parse(list(url)), url).toMatchObject({ error: expect.stringContaining('RUNNERS') })
    }
    expect(parse(list('http://127.0.0.1:9000')).ok).toBe(true)
  })

  it('refuses runners without the key that signs their jobs', () => {
    expect(parse({ EDGECLAW_RUNNERS: RUNNERS })).toMatchObject({
      error: expect.stringContaining('EDGECLAW_RUNNER_KEY'),
    })
  })

  it('refuses development mode anywhere but on the own machine', () => {
    const mode = { EDGECLAW_DEVELOPMENT_MODE: '1', EDGECLAW_TOKEN: undefined }
    expect(parse(mode)).toMatchObject({ error: expect.stringContaining('DEVELOPMENT_MODE') })
    expect(parse({ ...mode, EDGECLAW_PLATFORM: 'local' })).toMatchObject({
      value: { isDevelopmentMode: true, token: null },
    })
  })

  it('refuses a token that can be guessed, and allows one of 24 characters', () => {
    for (const EDGECLAW_TOKEN of ['x', 'none', 'a'.repeat(23), `${'a'.repeat(24)} b`]) {
      expect(parse({ EDGECLAW_TOKEN }), EDGECLAW_TOKEN).toMatchObject({
        error: expect.stringContaining('EDGECLAW_TOKEN'),
      })
    }
    expect(parse({ EDGECLAW_TOKEN: 'a'.repeat(24) }).ok).toBe(true)
  })

  it('refuses development mode beside a token: one of them is a mistake', () => {
    const both = { EDGECLAW_DEVELOPMENT_MODE: '1', EDGECLAW_PLATFORM: 'local' }
    expect(parse(both)).toMatchObject({ error: expect.stringContaining('EDGECLAW_TOKEN') })
    expect(parse({ ...both, EDGECLAW_TOKEN: '' }).ok).toBe(true)
  })

  it('refuses origins and proxies that could never match, and allows those that can', () => {
    const origins = (EDGECLAW_ALLOWED_ORIGINS: string) => parse({ EDGECLAW_ALLOWED_ORIGINS })
    for (const wrong of ['https://a.example/', 'a.example', 'https://A.example', 'null', '*.x']) {
      expect(origins(`https://b.example,${wrong}`), wrong).toMatchObject({
        error: expect.stringContaining('EDGECLAW_ALLOWED_ORIGINS'),
      })
    }
    for (const right of ['*', 'https://a.example:8443', 'http://[::1]:3000', 'tauri://localhost']) {
      expect(origins(right).ok, right).toBe(true)
    }
    const proxies = (EDGECLAW_TRUSTED_PROXIES: string) => parse({ EDGECLAW_TRUSTED_PROXIES })
    for (const wrong of ['10.0.0.0/40', '10.0.0', 'proxy.example', '::1/129']) {
      expect(proxies(wrong), wrong).toMatchObject({
        error: expect.stringContaining('EDGECLAW_TRUSTED_PROXIES'),
      })
    }
    expect(proxies('10.0.0.0/8, 2001:db8::/32, 192.0.2.1').ok).toBe(true)
  })

  it('never tells the value of a setting', () => {
    const names = [
      'EDGECLAW_RUNNERS',
      'EDGECLAW_PUBLIC_URL',
      'EDGECLAW_PLATFORM',
      'EDGECLAW_DEVELOPMENT_MODE',
      'EDGECLAW_RATE_CEILING_RPM',
      'EDGECLAW_ACCEPT_PLAINTEXT',
      'EDGECLAW_ALLOWED_ORIGINS',
      'EDGECLAW_TRUSTED_PROXIES',
    ]
    const shapes = [
      SECRET,
      `[{"url":"${SECRET}"}]`,
      `[{"${SECRET}":1,"url":"https://r.example","keyId":"r"}]`,
    ]
    for (const name of names) {
      for (const value of shapes) {
        const parsed = parse({ [name]: value })
        expect(parsed.ok, name).toBe(false)
        if (!parsed.ok) expect(parsed.error, name).not.toContain('hunter2')
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ minLength: 12 }), (name, value) => {
        const parsed = parse({ [name]: value })
        if (!parsed.ok && value.trim() !== '') expect(parsed.error).not.toContain(value)
      }),
    )
  })
})
