import { describe, expect, it } from 'vitest'
import {
  agentIdSchema,
  locatorOf,
  runIdSchema,
  tenantIdSchema,
  userIdSchema,
} from '../../../src/domain/ids.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('ids', () => {
  it('of tenants are short, lower-case and without separators', () => {
    expect(accepts(tenantIdSchema, 'ten_default')).toBe(true)
    for (const wrong of [
      'default',
      'ten_',
      'ten_A',
      'ten_a_b',
      'ten_a/b',
      `ten_${'a'.repeat(41)}`,
      'ten_a\n',
      5,
    ]) {
      expect(accepts(tenantIdSchema, wrong), String(wrong)).toBe(false)
    }
  })

  it('carry a prefix and nothing that separates', () => {
    expect(accepts(agentIdSchema, 'agt_x1')).toBe(true)
    expect(accepts(runIdSchema, 'run_x1')).toBe(true)
    for (const wrong of ['x1', 'agt_', 'AGT_x', 'agt_x/y', 'agt_x y', '_x', 'agent_x']) {
      expect(accepts(agentIdSchema, wrong), wrong).toBe(false)
    }
  })

  it('of users are any text of a reasonable length', () => {
    for (const right of ['u', 'oidc:https://issuer:sub/1', 'é 😀', 'x'.repeat(255)]) {
      expect(accepts(userIdSchema, right), right).toBe(true)
    }
    for (const wrong of ['', 'x'.repeat(256), null, 7]) {
      expect(accepts(userIdSchema, wrong), String(wrong)).toBe(false)
    }
  })

  it('of users hold no half of a surrogate pair, which storage would make the same for all', () => {
    expect(accepts(userIdSchema, 'a\ud800')).toBe(false)
    expect(accepts(userIdSchema, '\udc00a')).toBe(false)
    expect(accepts(userIdSchema, 'a\ud83d\ude00')).toBe(true)
  })

  it('of tenants give the locator that their credentials carry', () => {
    expect(locatorOf(tenantIdSchema.parse('ten_acme'))).toBe('acme')
  })
})
