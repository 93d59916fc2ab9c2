import { expect, it } from 'vitest'
import { newId, newTenantId, randomBase64Url } from '../../../src/crypto/random.ts'
import { agentIdSchema, tenantIdSchema } from '../../../src/domain/ids.ts'

it('makes ids of the form that the domain asks for', () => {
  expect(newId('agt')).toMatch(/^agt_[a-z0-9]{20}$/)
  expect(agentIdSchema.safeParse(newId('agt')).success).toBe(true)
  expect(tenantIdSchema.safeParse(newTenantId()).success).toBe(true)
})

it('makes no id twice', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId('x'))).size).toBe(10_000)
})

it('uses every character equally often', () => {
  const counts = new Map<string, number>()
  const ids = 18_000
  for (let i = 0; i < ids; i++) {
    for (const char of newId('x').slice(2)) counts.set(char, (counts.get(char) ?? 0) + 1)
  }
  // 10,000 of each are expected; 6 standard deviations are met once in 500 million runs.
  expect(counts.size).toBe(36)
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(600)
})

it('makes secrets of the asked strength', () => {
  expect(randomBase64Url(32)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(randomBase64Url(32)).not.toBe(randomBase64Url(32))
})
