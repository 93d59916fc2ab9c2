import { describe, expect, it } from 'vitest'
import { findOperation } from '../../../src/api/registry.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

/** A tenant with three versions: rpm 1, 2 and 3. */
async function open() {
  const opened = await openConfigWorld()
  const { call } = await opened.as('olga', 'operator.admin')
  for (const rpm of [1, 2, 3]) {
    await call('config.apply', { raw: { gateway: { rate_limit_rpm: rpm } } })
  }
  opened.brackets.length = 0
  return { ...opened, call }
}

describe('config.versions.list', () => {
  it('tells who wrote what when, newest first, a page at a time', async () => {
    const { call } = await open()
    const first = await call('config.versions.list', { limit: 2 })
    expect(first).toMatchObject({
      value: {
        versions: [
          { number: 3, by: 'olga', at: expect.stringMatching(/^\d{4}-.*Z$/) },
          { number: 2 },
        ],
        hasMore: true,
      },
    })
    expect(await call('config.versions.list', { limit: 2, before: 2 })).toMatchObject({
      value: { versions: [{ number: 1 }], hasMore: false },
    })
  })
})

describe('config.versions.get', () => {
  it('shows the document, and what going back to it would change', async () => {
    const { call } = await open()
    expect(await call('config.versions.get', { number: 1 })).toMatchObject({
      value: {
        number: 1,
        config: { gateway: { rate_limit_rpm: 1 } },
        diff: [{ path: 'gateway.rate_limit_rpm', before: 3, after: 1 }],
        fault: null,
      },
    })
  })

  it("does not know another tenant's numbers: they are as if they never were", async () => {
    const north = await open()
    const south = await openConfigWorld(north.world)
    const { call } = await south.as('sara', 'operator.admin')
    const never = { ok: false, error: { code: 'NOT_FOUND', message: 'version not found' } }
    for (const number of [1, 3, 77]) {
      expect(await call('config.versions.get', { number })).toEqual(never)
      expect(await call('config.versions.restore', { number })).toEqual(never)
    }
    expect(await call('config.versions.list')).toMatchObject({ value: { versions: [] } })
    expect((await south.current()).gateway.rate_limit_rpm).toBe(20)
  })
})

describe('config.versions.restore', () => {
  it('writes the old document as a new version, at once, with the diff', async () => {
    const { call, current, brackets, published } = await open()
    const restored = await call('config.versions.restore', { number: 1 })
    expect(restored).toMatchObject({
      value: { diff: [{ path: 'gateway.rate_limit_rpm', before: 3, after: 1 }] },
    })
    expect((await current()).gateway.rate_limit_rpm).toBe(1)
    expect(brackets).toEqual(['changing', 'changed'])
    expect(published.at(-1)?.event).toBe('config.changed')
    expect(await call('config.versions.list', { limit: 1 })).toMatchObject({
      value: { versions: [{ number: 4 }] },
    })
  })

  it('writes nothing in a dry run, nor on a hash that is no longer the newest', async () => {
    const { call, current, brackets } = await open()
    expect(await call('config.versions.restore', { number: 1, dryRun: true })).toMatchObject({
      value: { config: { gateway: { rate_limit_rpm: 1 } } },
    })
    const stale = await call('config.versions.restore', { number: 1, baseHash: 'of another' })
    expect(stale).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } })
    expect((await current()).gateway.rate_limit_rpm).toBe(3)
    expect(brackets).toEqual([])
  })

  it('tells the trail which version was written, and nothing of a dry run', async () => {
    const { call } = await open()
    const restore = findOperation('config.versions.restore')
    for (const dryRun of [true, false]) {
      const restored = await call('config.versions.restore', { number: 1, dryRun })
      const fields = await restore?.audit?.({ number: 1, dryRun }, restored.value)
      if (dryRun) expect(fields).toBeNull()
      else expect(fields).toMatchObject({ version: '1', settings: 'gateway.rate_limit_rpm' })
    }
  })

  it('refuses what the schema no longer takes, and tells it beforehand', async () => {
    const { call, current, world, tenantId } = await open()
    await world.sqlite.d1
      .prepare('UPDATE config_versions SET document = ? WHERE tenant_id = ? AND number = 1')
      .bind('{"gateway":{"old_setting":1}}', tenantId)
      .run()
    expect(await call('config.versions.get', { number: 1 })).toMatchObject({
      value: { diff: [], fault: 'gateway.old_setting is not a setting' },
    })
    expect(await call('config.versions.restore', { number: 1 })).toMatchObject({
      error: {
        code: 'FAILED_PRECONDITION',
        message: 'version 1 is no longer valid: gateway.old_setting is not a setting',
      },
    })
    expect((await current()).gateway.rate_limit_rpm).toBe(3)
  })
})
