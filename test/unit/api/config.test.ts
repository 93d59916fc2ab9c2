import { describe, expect, it } from 'vitest'
import type { OperationContext } from '../../../src/api/context.ts'
import { findOperation } from '../../../src/api/registry.ts'
import type { TenantConfig } from '../../../src/domain/config/tenant-config.ts'
import type { TenantPort } from '../../../src/domain/ports/tenant.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { contextOf } from '../../../src/gateway/dispatch.ts'
import { freshSnapshot } from '../../../src/gateway/freshness.ts'
import { RATE_TAKEN } from '../../../src/gateway/operation-rate.ts'
import { newKey, newTenant, openWorld, settings } from '../gateway/world.ts'

interface Published {
  readonly event: string
  readonly payload: unknown
  readonly audience: unknown
}

/** The operation as an admin asks for it; brackets and events of the tenant's object are noted. */
async function open() {
  const world = openWorld()
  const tenantId = await newTenant(world)
  const { credential } = await newKey(world, tenantId, { scopes: ['operator.admin'] })
  const facts = { clientAddress: '203.0.113.7', isDevelopment: false }
  const proven = await authenticate(credential, {}, facts, world.services, settings())
  if (!proven.ok) throw new Error(proven.error.kind)
  const brackets: string[] = []
  const published: Published[] = []
  const tenant = (id: typeof tenantId): TenantPort => ({
    ...world.services.tenant(id),
    changing: async () => void brackets.push('changing'),
    changed: async () => {
      brackets.push('changed')
      return { found: false }
    },
    publish: async (event, payload, audience) => void published.push({ event, payload, audience }),
  })
  const context: OperationContext = contextOf({
    ...proven.value,
    services: { ...world.services, tenant },
    settings: settings(),
    replyTo: { kind: 'none' },
    defaultSessionKey: null,
    operations: RATE_TAKEN,
  })
  const call = async (name: string, params: unknown) => {
    const operation = findOperation(name)
    if (!operation) throw new Error(`no operation ${name}`)
    return operation.run(context, operation.params.parse(params))
  }
  const current = async (): Promise<TenantConfig> => {
    const snapshot = await freshSnapshot(world.services, tenantId)
    if (!snapshot) throw new Error('no tenant')
    return snapshot.config
  }
  return { world, call, current, brackets, published, context }
}

describe('config.apply', () => {
  it('replaces the document, bracketed, and tells the admins', async () => {
    const { call, current, brackets, published, world } = await open()
    const applied = await call('config.apply', { raw: { gateway: { rate_limit_rpm: 7 } } })
    expect(applied).toMatchObject({
      ok: true,
      value: { ok: true, restart: false, config: { gateway: { rate_limit_rpm: 7 } } },
    })
    expect((await current()).gateway.rate_limit_rpm).toBe(7)
    expect(brackets).toEqual(['changing', 'changed'])
    expect(published).toMatchObject([{ event: 'config.changed', audience: { kind: 'admins' } }])
    await world.settled()
    expect(world.events.map(({ name }) => name)).toContain('config_changed')
    // What is not named again falls back to its default.
    await call('config.apply', { raw: '{}' })
    expect((await current()).gateway.rate_limit_rpm).toBe(20)
  })

  it('refuses platform settings, naming them', async () => {
    const { call, current, brackets } = await open()
    const before = await current()
    const platform: readonly (readonly [object, string])[] = [
      [{ gateway: { token: 'x' } }, 'gateway.token'],
      [{ gateway: { owner_ids: ['eve'] } }, 'gateway.owner_ids'],
      [{ gateway: { allowed_origins: ['*'] } }, 'gateway.allowed_origins'],
      [{ gateway: { trusted_proxies: ['0.0.0.0/0'] } }, 'gateway.trusted_proxies'],
      [{ runners: [] }, 'runners'],
      [{ accept_plaintext: true }, 'accept_plaintext'],
      [{ allow_private_network: true }, 'allow_private_network'],
    ]
    for (const [raw, name] of platform) {
      for (const operation of ['config.apply', 'config.patch']) {
        expect(await call(operation, { raw }), name).toMatchObject({
          ok: false,
          error: { code: 'INVALID_REQUEST', message: expect.stringContaining(name) },
        })
      }
    }
    expect(await current()).toEqual(before)
    expect(brackets).toEqual([])
  })

  it('refuses unknown keys wherever they stand, naming the way to them', async () => {
    const { call } = await open()
    expect(
      await call('config.patch', { raw: { tools: { execApproval: { asks: 'always' } } } }),
    ).toMatchObject({
      error: { message: expect.stringContaining('tools.execApproval.asks') },
    })
    expect(
      await call('config.patch', { raw: { tools: { execApproval: { ask: 'always' } } } }),
    ).toMatchObject({
      ok: true,
    })
  })

  it('refuses values that a key cannot have, naming the key', async () => {
    const { call } = await open()
    for (const raw of [
      { gateway: { rate_limit_rpm: -1 } },
      { gateway: { rate_limit_rpm: 'many' } },
    ]) {
      expect(await call('config.apply', { raw })).toMatchObject({
        error: { message: expect.stringContaining('gateway.rate_limit_rpm') },
      })
    }
  })

  it('refuses a redaction pattern that could be made to run for ever, and allows a plain one', async () => {
    const { call } = await open()
    const withPattern = (pattern: string) => ({ raw: { logging: { redactPatterns: [pattern] } } })
    expect(await call('config.apply', withPattern('(a+)+$'))).toMatchObject({
      error: { message: expect.stringContaining('logging.redactPatterns') },
    })
    expect(await call('config.apply', withPattern('EMP-[0-9]{6}'))).toMatchObject({ ok: true })
  })

  it('refuses what is no JSON object, and what is nested to exhaust it', async () => {
    const { call } = await open()
    for (const raw of ['', '[]', 'null', '"x"', '{']) {
      expect(await call('config.apply', { raw }), raw).toMatchObject({
        error: { code: 'INVALID_REQUEST' },
      })
    }
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    for (const name of ['config.apply', 'config.patch']) {
      expect(await call(name, { raw: deep }), name).toMatchObject({
        error: { code: 'INVALID_REQUEST' },
      })
    }
  })
})

describe('a dry run', () => {
  it('judges a change and says what it would come to, and writes nothing', async () => {
    const { call, current, brackets, published } = await open()
    const raw = { gateway: { rate_limit_rpm: 7 } }
    for (const name of ['config.apply', 'config.patch']) {
      expect(await call(name, { raw, dryRun: true })).toMatchObject({
        value: { config: { gateway: { rate_limit_rpm: 7 } } },
      })
      expect(await call(name, { raw: { nonsense: 1 }, dryRun: true })).toMatchObject({ ok: false })
    }
    expect((await current()).gateway.rate_limit_rpm).toBe(20)
    expect([brackets, published]).toEqual([[], []])
  })
})

describe('config.patch', () => {
  it('merges: null removes a key, the rest stays', async () => {
    const { call, current } = await open()
    await call('config.apply', { raw: { gateway: { rate_limit_rpm: 7, rate_limit_burst: 3 } } })
    await call('config.patch', { raw: '{"gateway":{"rate_limit_rpm":null}}' })
    expect((await current()).gateway).toMatchObject({ rate_limit_rpm: 20, rate_limit_burst: 3 })
  })

  it('refuses a hash that is no longer the newest, and allows the one that is', async () => {
    const { call } = await open()
    const read = await call('config.get', {})
    const baseHash = (read.ok ? (read.value as { hash: string }) : { hash: '' }).hash
    const raw = { gateway: { rate_limit_rpm: 9 } }
    expect(await call('config.patch', { raw, baseHash })).toMatchObject({ ok: true })
    expect(await call('config.patch', { raw, baseHash })).toMatchObject({
      error: { code: 'FAILED_PRECONDITION' },
    })
  })
})

describe('config.defaults and config.schema', () => {
  it('tell what an empty document means, and what may stand in one', async () => {
    const { call, current } = await open()
    const defaults = await call('config.defaults', {})
    expect(defaults).toEqual({ ok: true, value: { config: await current() } })
    const schema = await call('config.schema', {})
    const text = JSON.stringify(schema)
    expect(text).toContain('rate_limit_rpm')
    expect(text).not.toContain('owner_ids')
  })
})
