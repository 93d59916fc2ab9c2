import { describe, expect, it } from 'vitest'
import { findOperation } from '../../../src/api/registry.ts'
import { listConfigVersions } from '../../../src/db/tenant-config.ts'
import { MASK } from '../../../src/domain/config/mask.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

/** As an admin of the tenant. */
async function open() {
  const opened = await openConfigWorld()
  const { call, context } = await opened.as('olga', 'operator.admin')
  return { ...opened, call, context }
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

  it('refuses a member that writers lose, however it is sent, and what is too long', async () => {
    const { call, current, brackets } = await open()
    const before = await current()
    for (const raw of [
      '{"__proto__":{"gateway":{"rate_limit_rpm":0}}}',
      '{"gateway":{"__proto__":{"rate_limit_rpm":0}}}',
      JSON.parse('{"gateway":{"__proto__":{"rate_limit_rpm":0}}}') as object,
      {
        tools: {
          by_owner: Object.fromEntries(
            Array.from({ length: 200 }, (_, i) => [
              `${i}`,
              { deny: Array(6).fill('x'.repeat(190)) },
            ]),
          ),
        },
      },
    ]) {
      for (const name of ['config.apply', 'config.patch']) {
        expect(await call(name, { raw })).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
      }
    }
    const megabyte = JSON.stringify({ logging: { redactPatterns: ['x'.repeat(1_000_000)] } })
    expect(findOperation('config.apply')?.params.safeParse({ raw: megabyte }).success).toBe(false)
    expect(await call('config.apply', { raw: JSON.parse(megabyte) as object })).toMatchObject({
      error: { message: expect.stringContaining('longer than') },
    })
    expect(await current()).toEqual(before)
    expect(brackets).toEqual([])
  })

  it('suggests the name that was meant, and the value', async () => {
    const { call } = await open()
    expect(
      await call('config.patch', { raw: { tools: { scrub_credential: false } } }),
    ).toMatchObject({
      error: {
        message: 'tools.scrub_credential is not a setting; did you mean tools.scrub_credentials?',
      },
    })
    expect(
      await call('config.patch', { raw: { gateway: { injection_action: 'blok' } } }),
    ).toMatchObject({
      error: {
        message: expect.stringMatching(/^gateway\.injection_action: .*did you mean block\?$/),
      },
    })
  })

  it('refuses a tool policy that names no tool and no group, wherever it stands', async () => {
    const { call } = await open()
    const hint = 'names no tool and no group; did you mean group:runtime?'
    for (const [raw, path] of [
      [{ tools: { deny: ['group:runtme'] } }, 'tools'],
      [{ tools: { by_owner: { ann: { allow: ['group:runtme'] } } } }, 'tools.by_owner.ann'],
      [{ agents: { defaults: { tools: { deny: ['group:runtme'] } } } }, 'agents.defaults.tools'],
    ] as const) {
      expect(await call('config.patch', { raw })).toMatchObject({
        error: { code: 'INVALID_REQUEST', message: `${path}: "group:runtme" ${hint}` },
      })
    }
    const raw = { tools: { deny: ['group:runtime', 'web_*', 'mcp__any__tool'] } }
    expect(await call('config.patch', { raw })).toMatchObject({ ok: true })
  })

  it('writes no version of what changes nothing', async () => {
    const { call, world, tenantId, brackets } = await open()
    const raw = { gateway: { rate_limit_rpm: 7 } }
    const first = await call('config.apply', { raw })
    const again = await call('config.apply', { raw })
    expect(again).toMatchObject({
      value: { diff: [], hash: (first.value as { hash: string }).hash },
    })
    expect(await listConfigVersions(world.db, tenantId)).toHaveLength(1)
    expect(brackets).toEqual(['changing', 'changed'])
  })
})

describe('what is answered', () => {
  const secret = 'hunter2-of-the-tests'
  const raw = {
    session: { identityLinks: { token: [secret], links: [`https://u:${secret}@h.example`] } },
  }

  it('is masked, for readers and writers alike, with the hash of what is stored', async () => {
    const { call, as } = await open()
    const dry = await call('config.patch', { raw, dryRun: true })
    const written = await call('config.patch', { raw })
    const viewer = await as('vera', 'operator.read')
    const read = await viewer.call('config.get')
    await call('config.patch', { raw: { gateway: { rate_limit_rpm: 3 } } })
    const version = await call('config.versions.get', { number: 1 })
    for (const answer of [dry, written, read, version]) {
      expect(answer.ok).toBe(true)
      expect(JSON.stringify(answer)).not.toContain(secret)
      expect(JSON.stringify(answer)).toContain(MASK)
    }
    expect((read.value as { hash: string }).hash).toBe((written.value as { hash: string }).hash)
  })

  it('can be written back as it was read: the stored values stay', async () => {
    const { call, current } = await open()
    await call('config.patch', { raw })
    const { config, hash } = (await call('config.get')).value as { config: object; hash: string }
    const edited = { ...config, gateway: { rate_limit_rpm: 3 } }
    expect(await call('config.apply', { raw: edited, baseHash: hash })).toMatchObject({ ok: true })
    expect((await current()).session.identityLinks).toEqual(raw.session.identityLinks)
    const moved = { session: { identityLinks: { password: [MASK] } } }
    expect(await call('config.patch', { raw: moved })).toMatchObject({
      error: { message: expect.stringContaining('session.identityLinks.password.0 holds a mask') },
    })
    expect(JSON.stringify(await current())).not.toContain(MASK)
  })
})

describe('the diff', () => {
  it('is the same of a dry run and of the write, and names each setting that changes', async () => {
    const { call } = await open()
    const raw = { gateway: { rate_limit_rpm: 7 }, tools: { deny: ['exec'] } }
    const dry = (await call('config.patch', { raw, dryRun: true })).value as { diff: unknown }
    const written = (await call('config.patch', { raw })).value as { diff: unknown }
    expect(dry.diff).toEqual([
      { path: 'gateway.rate_limit_rpm', before: 20, after: 7 },
      { path: 'tools.deny', after: ['exec'] },
    ])
    expect(written.diff).toEqual(dry.diff)
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
    const baseHash = (read.value as { hash: string }).hash
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
