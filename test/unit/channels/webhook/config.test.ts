import { describe, expect, it } from 'vitest'
import { hookNamed, hooksSchema } from '../../../../src/channels/webhook/config.ts'
import { webhookCredentials } from '../../../../src/channels/webhook/credentials.ts'

const STANDARD = `whsec_${Buffer.from('a-standard-hook-secret-of-nobody').toString('base64')}`
const OTHER = `whsec_${Buffer.from('another-hook-secret-of-nobody-').toString('base64')}`
const SHARED = 'a-shared-hook-secret-of-nobody'

const isTaken = (credentials: unknown) => webhookCredentials.safeParse(credentials).success
const areTaken = (hooks: unknown) => hooksSchema.safeParse(hooks).success

describe('credentials of hooks', () => {
  it('are a way and a secret that is long enough for it', () => {
    expect(isTaken({ proof: 'bearer', secret: 'x'.repeat(24) })).toBe(true)
    expect(isTaken({ proof: 'bearer', secret: 'x'.repeat(23) })).toBe(false)
    expect(isTaken({ proof: 'bearer', secret: ' '.repeat(24) })).toBe(false)
    expect(isTaken({ proof: 'none', secret: SHARED })).toBe(false)
    expect(isTaken({ secret: SHARED })).toBe(false)
    expect(isTaken({ proof: 'standard', secret: STANDARD })).toBe(true)
    expect(isTaken({ proof: 'standard', secret: SHARED })).toBe(false)
    const short = `whsec_${Buffer.from('only 16 bytes...').toString('base64')}`
    expect(isTaken({ proof: 'standard', secret: short })).toBe(false)
  })

  it('sign callbacks with another secret than calls', () => {
    const call = { proof: 'standard', secret: STANDARD }
    expect(isTaken({ ...call, callback_secret: OTHER })).toBe(true)
    expect(isTaken({ ...call, callback_secret: STANDARD })).toBe(false)
    expect(isTaken({ ...call, callback_secret: SHARED })).toBe(false)
  })
})

describe('the hooks of an instance', () => {
  it('have names that are one part of a path', () => {
    expect(areTaken({ 'build-done': {}, a_1: { agent: 'main' } })).toBe(true)
    for (const name of ['', '/', 'a/b', '..', '.a', 'A', 'a b', 'x'.repeat(65)]) {
      expect(areTaken({ [name]: {} }), name).toBe(false)
    }
  })

  it('let callers choose a conversation by a prefix alone', () => {
    expect(areTaken({ a: { allow_session_key: true, session_prefix: 'ci-' } })).toBe(true)
    expect(areTaken({ a: { allow_session_key: true } })).toBe(false)
    expect(areTaken({ a: { allow_session_key: true, session_prefix: '' } })).toBe(false)
    expect(areTaken({ a: { allow_session_key: true, session_prefix: 'a:b' } })).toBe(false)
  })

  it('call back to the web, and take no key that means nothing', () => {
    expect(areTaken({ a: { callback_url: 'https://caller.example/x' } })).toBe(true)
    expect(areTaken({ a: { callback_url: 'file:///etc/passwd' } })).toBe(false)
    expect(areTaken({ a: { callbackUrl: 'https://caller.example/x' } })).toBe(false)
  })

  it('are found by name, and nothing else is', () => {
    const hooks = hooksSchema.parse({ build: {} })
    expect(hookNamed(hooks, 'build')).toEqual({ allow_session_key: false })
    for (const name of ['Build', 'constructor', '__proto__', 'tostring', '']) {
      expect(hookNamed(hooks, name), name).toBeNull()
    }
  })
})
