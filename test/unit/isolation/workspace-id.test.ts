import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentIdSchema, tenantIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import { workspaceId } from '../../../src/isolation/workspace-id.ts'

const tenant = tenantIdSchema.parse('ten_a')
const agent = agentIdSchema.parse('agt_1')

describe('workspace identity', () => {
  it('differs for any two users', () => {
    const user = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    fc.assert(
      fc.property(user, user, (a, b) => {
        const same = a === b
        const id = (text: string) => workspaceId(tenant, agent, userIdSchema.parse(text))
        expect(id(a) === id(b)).toBe(same)
      }),
    )
  })

  it('cannot be spelled by another tenant’s or agent’s user', () => {
    const id = workspaceId(tenant, agent, userIdSchema.parse('x'))
    const other = tenantIdSchema.parse('ten_b')
    expect(workspaceId(other, agent, userIdSchema.parse('ten_a/agt_1/x'))).not.toBe(id)
  })
})
