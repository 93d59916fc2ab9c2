import { describe, expect, it } from 'vitest'
import type { Services } from '../../../src/api/context.ts'
import type { AnyOperation } from '../../../src/api/operation.ts'
import { type AuditEntry, PLATFORM_CHAIN } from '../../../src/domain/audit-record.ts'
import { tenantIdSchema } from '../../../src/domain/ids.ts'
import type { Principal } from '../../../src/domain/principal.ts'
import { refusal } from '../../../src/domain/refusal.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { withRecord } from '../../../src/gateway/audit-change.ts'
import { newTenant, openWorld as openGateway } from './world.ts'

const gateway = openGateway()
const NORTH = tenantIdSchema.parse('ten_north')
const SOUTH = tenantIdSchema.parse('ten_south')
const principal = {
  tenantId: NORTH,
  userId: 'ada',
  credential: { kind: 'api_key', id: 'key_1' },
  isMasterScope: false,
} as unknown as Principal

const REFUSED = err(refusal('NOT_FOUND', 'there is none'))

/** @param operation null: one that changes nothing */
function openWorld(operation: Partial<AnyOperation> | null = {}) {
  const steps: string[] = []
  const say = (step: string, tenantId: string, entry: AuditEntry | null) =>
    void steps.push(
      `${step} ${tenantId} ${entry === null ? 'nothing' : JSON.stringify(entry.fields)}`,
    )
  const world = {
    steps,
    isDown: false,
    run: (change: () => ReturnType<AnyOperation['run']>, who = principal, params: unknown = {}) =>
      withRecord(
        {
          name: 'things.change',
          access: { role: 'admin' },
          ...(operation === null ? {} : { audit: () => ({ thing: 'a' }), ...operation }),
        } as unknown as AnyOperation,
        params,
        { principal: who, services },
        async () => {
          steps.push('change')
          return change()
        },
      ),
  }
  const services = {
    tenant: (tenantId: string) => ({
      beginChange: async (_id: string, entry: AuditEntry) => {
        if (world.isDown) throw new Error('the object is away')
        say('begin', tenantId, entry)
      },
      endChange: async (_id: string, entry: AuditEntry | null) => say('end', tenantId, entry),
      appendAudit: async ([entry]: readonly [AuditEntry]) => say('append', tenantId, entry),
    }),
    directory: () => gateway.db,
  } as unknown as Services
  return world
}

describe('a change and its record', () => {
  it('are written down as begun before it happens, and with what it changed after', async () => {
    const world = openWorld()
    expect(await world.run(async () => ok({}))).toEqual(ok({}))
    expect(world.steps).toEqual(['begin ten_north {}', 'change', 'end ten_north {"thing":"a"}'])
  })

  it('leave nothing where nothing was changed', async () => {
    const refused = openWorld()
    expect(await refused.run(async () => REFUSED)).toEqual(REFUSED)
    expect(refused.steps).toEqual(['begin ten_north {}', 'change', 'end ten_north nothing'])
    const idle = openWorld({ audit: () => null })
    await idle.run(async () => ok({}))
    expect(idle.steps.at(-1)).toBe('end ten_north nothing')
  })

  it('stay open when the change breaks off: it may have happened', async () => {
    const world = openWorld()
    await expect(world.run(() => Promise.reject(new Error('cut off')))).rejects.toThrow('cut off')
    expect(world.steps).toEqual(['begin ten_north {}', 'change'])
  })

  it('say from the beginning what they are about, and never what is set', async () => {
    const world = openWorld()
    const params = { id: 'prv_1', user_id: 'bob', api_key: 'sk-secret', name: 'x'.repeat(201) }
    await world.run(async () => ok({}), principal, params)
    expect(world.steps[0]).toBe('begin ten_north {"id":"prv_1","user_id":"bob"}')
  })

  it('give no state to a tenant that there is not: the platform’s trail has them', async () => {
    const operator = { ...principal, isMasterScope: true } as Principal
    const world = openWorld()
    await world.run(async () => REFUSED, operator, { tenant_id: 'ten_madeup' })
    expect(world.steps[0]).toContain(`begin ${PLATFORM_CHAIN} `)
    const there = await newTenant(gateway)
    const other = openWorld()
    await other.run(async () => REFUSED, operator, { tenant_id: there })
    expect(other.steps[0]).toContain(`begin ${there} `)
  })

  it('are both refused where the trail cannot be written', async () => {
    const world = openWorld()
    world.isDown = true
    await expect(world.run(async () => ok({}))).rejects.toThrow('away')
    expect(world.steps).toEqual([])
  })

  it('ask nothing of the trail for an operation that changes nothing', async () => {
    const world = openWorld(null)
    await world.run(async () => ok({}))
    expect(world.steps).toEqual(['change'])
  })

  it('stand in the trail of the tenant that was changed', async () => {
    const joined = openWorld({ auditTenant: () => SOUTH })
    await joined.run(async () => ok({}))
    expect(joined.steps).toEqual([
      'begin ten_north {}',
      'change',
      'append ten_south {"thing":"a"}',
      'end ten_north nothing',
    ])
    const ofPlatform = openWorld({ access: { role: 'platform' } as AnyOperation['access'] })
    await ofPlatform.run(async () => ok({}))
    expect(ofPlatform.steps[0]).toBe(`begin ${PLATFORM_CHAIN} {}`)
  })
})
