/** What the trail says of a change of the configuration, and whose it is to make the trail run out. */
import { describe, expect, it } from 'vitest'
import { auditOf } from '../../../src/api/config-audit.ts'
import { findOperation } from '../../../src/api/registry.ts'
import { loadConfig } from '../../../src/db/tenant-config.ts'
import type { SettingChange } from '../../../src/domain/config/diff.ts'
import type { Role } from '../../../src/domain/principal.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

const toldOf = async (paths: readonly string[]) => {
  const diff: readonly SettingChange[] = paths.map((path) => ({ path }))
  const fields = await auditOf(
    {},
    { ok: true, config: {}, hash: 'h'.repeat(64), restart: false, diff: [...diff] },
  )
  if (fields === null) throw new Error('nothing was told')
  return fields
}

describe('the record of a changed configuration', () => {
  it('names what says who may do what first, however long the other names are', async () => {
    const long = Array.from(
      { length: 50 },
      (_, i) => `budgets.prices["${'x'.repeat(180)}${i}"].input`,
    )
    const fields = await toldOf([
      ...long,
      'gateway.rate_limit_rpm',
      'tools.deny',
      'tools.by_owner["a"].deny',
      'tools.by_owner["b"].deny',
      'retention.audit_days',
    ])
    expect(fields).toMatchObject({
      settings:
        'retention.audit_days tools.by_owner tools.deny gateway.rate_limit_rpm budgets.prices',
      changed: '55',
    })
  })

  it('goes on in a further field, so that no name is cut', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `gateway.setting_number_${i}`)
    const fields = await toldOf(names)
    const told = Object.entries(fields).filter(([name]) => name.startsWith('settings'))
    expect(told.flatMap(([, list]) => list.split(' '))).toEqual(names)
    for (const [, list] of told) expect(list.length).toBeLessThanOrEqual(300)
  })

  it('tells two lists of equal short names apart by the hash of the whole', async () => {
    const [one, other] = await Promise.all([
      toldOf(['tools.by_owner["a"].deny']),
      toldOf(['tools.by_owner["b"].deny']),
    ])
    expect(one['settings']).toBe(other['settings'])
    expect(one['paths']).not.toBe(other['paths'])
  })
})

describe('how long the trail is kept', () => {
  const patch = (audit_days: number | null) => ({ raw: { retention: { audit_days } } })

  /** No key has the role of an owner: it is a person's. */
  async function open(role: Role) {
    const opened = await openConfigWorld()
    const { context } = await opened.as('olga', 'operator.admin')
    const call = async (name: string, params: unknown) => {
      const operation = findOperation(name)
      if (operation === undefined) throw new Error(`no operation ${name}`)
      const principal = { ...context.principal, role }
      return operation.run({ ...context, principal }, operation.params.parse(params))
    }
    return { ...opened, call }
  }

  it('is an owner’s to say, and no admin’s', async () => {
    const owner = await open('owner')
    expect(await owner.call('config.patch', patch(90))).toMatchObject({ ok: true })
    expect((await owner.current()).retention.audit_days).toBe(90)
    const admin = await open('admin')
    for (const operation of ['config.patch', 'config.apply']) {
      expect(await admin.call(operation, patch(365))).toMatchObject({
        ok: false,
        error: {
          code: 'UNAUTHORIZED',
          message: 'changing retention.audit_days needs the role owner',
        },
      })
    }
    const rpm = { raw: { gateway: { rate_limit_rpm: 7 } } }
    expect(await admin.call('config.patch', rpm)).toMatchObject({ ok: true })
    expect((await admin.current()).retention.audit_days).toBeUndefined()
  })

  it('is ninety days at the least, for what was stored before as well', async () => {
    const owner = await open('owner')
    for (const days of [0, 1, 89]) {
      expect(await owner.call('config.patch', patch(days))).toMatchObject({
        ok: false,
        error: {
          code: 'INVALID_REQUEST',
          message: expect.stringContaining('retention.audit_days'),
        },
      })
    }
    await owner.world.sqlite.d1
      .prepare('UPDATE tenant_config SET document = ? WHERE tenant_id = ?')
      .bind('{"retention":{"audit_days":1,"usage_days":3}}', owner.tenantId)
      .run()
    const stored = await loadConfig(owner.world.services.database(owner.tenantId), owner.tenantId)
    expect(stored?.config.retention).toMatchObject({ audit_days: 90, usage_days: 3 })
  })
})
