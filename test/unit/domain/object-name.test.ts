import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentIdSchema, tenantIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import {
  ADDRESS_SHARDS,
  addressShardName,
  limiterObjectName,
  parseObjectName,
  sessionObjectName,
  tenantObjectName,
  workspaceObjectName,
} from '../../../src/domain/object-name.ts'

const acme = tenantIdSchema.parse('ten_acme')
const agent = agentIdSchema.parse('agt_1')

/** User ids made of what separates, encodes and confuses. */
const userId = fc
  .string({
    unit: fc.constantFrom('a', '/', '%', '2', 'F', 'f', '.', '\\', ' ', '\u0000', 'é', '😀'),
    minLength: 1,
    maxLength: 12,
  })
  .map((text) => userIdSchema.parse(text))
const tenantId = fc
  .constantFrom('ten_a', 'ten_ab', 'ten_b')
  .map((text) => tenantIdSchema.parse(text))

describe('object names', () => {
  it('begin with the tenant', () => {
    const names = [
      tenantObjectName(acme),
      sessionObjectName(acme, 'agent:main:main'),
      workspaceObjectName(acme, agent, userIdSchema.parse('u')),
      limiterObjectName(acme, userIdSchema.parse('u')),
    ]
    for (const name of names) expect(parseObjectName(name)?.[0]).toBe('ten_acme')
  })

  it('are the same for the same user only, whatever separators an id holds', () => {
    fc.assert(
      fc.property(tenantId, userId, tenantId, userId, (tenantA, a, tenantB, b) => {
        const isSame = tenantA === tenantB && a === b
        expect(limiterObjectName(tenantA, a) === limiterObjectName(tenantB, b)).toBe(isSame)
        expect(
          workspaceObjectName(tenantA, agent, a) === workspaceObjectName(tenantB, agent, b),
        ).toBe(isSame)
        expect(sessionObjectName(tenantA, a) === sessionObjectName(tenantB, b)).toBe(isSame)
      }),
    )
  })

  it("never reach another tenant's objects through a user id", () => {
    fc.assert(
      fc.property(userId, (id) => {
        const mine = limiterObjectName(tenantIdSchema.parse('ten_a'), id)
        expect(mine.startsWith('ten_a/')).toBe(true)
        expect(mine.split('/')).toHaveLength(2)
      }),
    )
  })

  it('tell again what they were made of', () => {
    fc.assert(
      fc.property(tenantId, userId, (tenant, id) => {
        expect(parseObjectName(workspaceObjectName(tenant, agent, id))).toEqual([tenant, agent, id])
      }),
    )
  })

  it('are never those of an address shard', () => {
    fc.assert(
      fc.property(fc.string(), tenantId, userId, (address, tenant, id) => {
        expect(addressShardName(address)).not.toBe(limiterObjectName(tenant, id))
      }),
    )
  })

  it('spread addresses over the shards, the same address always to the same', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => addressShardName(`10.0.${index}.7`))
    expect(new Set(names).size).toBeGreaterThan(ADDRESS_SHARDS * 0.9)
    expect(new Set(names).size).toBeLessThanOrEqual(ADDRESS_SHARDS)
    expect(addressShardName('10.0.3.7')).toBe(names[3])
  })
})

describe('parseObjectName', () => {
  it('answers null for a name that none of ours can be', () => {
    expect(parseObjectName(undefined)).toBeNull()
    expect(parseObjectName('ten_a/%zz')).toBeNull()
    expect(parseObjectName('ten_a/u')).toEqual(['ten_a', 'u'])
  })
})
