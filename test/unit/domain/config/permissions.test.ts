import { describe, expect, it } from 'vitest'
import {
  ANY,
  isGroup,
  judgePermission,
  type PermissionQuestion,
  type PermissionRow,
  type PermissionRule,
  subjectsOf,
} from '../../../../src/domain/config/permissions.ts'

const GROUP = 'group:telegram:-100'
const QUESTION: PermissionQuestion = {
  agentId: 'agt_1',
  scope: GROUP,
  configType: 'agent_settings',
  userId: 'ann',
  groups: [GROUP],
}
const row = (fields: Partial<PermissionRow>): PermissionRow => ({
  agentId: 'agt_1',
  scope: GROUP,
  configType: 'agent_settings',
  userId: 'ann',
  permission: 'allow',
  ...fields,
})

/** The four things that rows can say, by strength. */
const STATEMENTS: readonly (readonly [PermissionRule, PermissionRow])[] = [
  ['individual deny', row({ permission: 'deny' })],
  ['individual allow', row({ permission: 'allow' })],
  ['group deny', row({ userId: GROUP, permission: 'deny' })],
  ['group allow', row({ userId: GROUP, permission: 'allow' })],
]

const subsets = Array.from({ length: 2 ** STATEMENTS.length }, (_, bits) =>
  STATEMENTS.filter((_statement, i) => (bits & (1 << i)) !== 0),
)

describe('the rule', () => {
  it.each(
    subsets.map((said) => [said.map(([name]) => name).join(', ') || 'nothing', said] as const),
  )('of %s: the strongest decides', (_, said) => {
    const expected = said[0]?.[0] ?? 'no permission'
    const isAllowed = expected.endsWith('allow')
    const rows = said.map(([, statement]) => statement)
    // Whatever order the rows are read in.
    for (const order of [rows, rows.toReversed()]) {
      expect(judgePermission(order, QUESTION)).toEqual({ isAllowed, rule: expected })
    }
  })

  it('is no wider for everybody than for a group', () => {
    const everybody = (permission: 'allow' | 'deny') => row({ userId: ANY, permission })
    expect(judgePermission([everybody('allow')], QUESTION).rule).toBe('group allow')
    expect(judgePermission([everybody('deny')], QUESTION).rule).toBe('group deny')
    expect(judgePermission([everybody('deny'), row({})], QUESTION).rule).toBe('individual allow')
  })
})

describe('a row', () => {
  it.each([
    ['of another agent', row({ agentId: 'agt_2' })],
    ['of another scope', row({ scope: 'group:telegram:-200' })],
    ['of another part', row({ configType: 'gateway' })],
    ['of a part that is a prefix', row({ configType: 'agent' })],
    ['of somebody else', row({ userId: 'bob' })],
    ['of a group they are not in', row({ userId: 'group:telegram:-200' })],
    ['of every part, which there is not', row({ configType: ANY })],
  ])('%s says nothing', (_, foreign) => {
    const nothing = { isAllowed: false, rule: 'no permission' }
    expect(judgePermission([foreign], QUESTION)).toEqual(nothing)
    const allowed = { isAllowed: true, rule: 'individual allow' }
    expect(judgePermission([{ ...foreign, permission: 'deny' }, row({})], QUESTION)).toEqual(
      allowed,
    )
  })

  it('of every agent and every scope counts for each', () => {
    const wide = row({ agentId: ANY, scope: ANY })
    expect(judgePermission([wide], QUESTION).isAllowed).toBe(true)
    const noAgent = { ...QUESTION, agentId: null, scope: ANY }
    expect(judgePermission([wide], noAgent).isAllowed).toBe(true)
    expect(judgePermission([row({ scope: ANY })], noAgent).isAllowed).toBe(false)
    expect(judgePermission([row({ agentId: ANY })], noAgent).isAllowed).toBe(false)
  })
})

describe('somebody who is called like a group', () => {
  it('gets nothing by the name', () => {
    for (const name of [ANY, GROUP]) {
      const question = { ...QUESTION, userId: name, groups: [] }
      const rows = [row({ userId: GROUP })]
      expect(judgePermission(rows, question).isAllowed, name).toBe(false)
      expect(isGroup(name)).toBe(true)
    }
    expect(isGroup('ann')).toBe(false)
  })

  it('is no group that somebody can claim to be in', () => {
    expect(subjectsOf('ann', ['bob', GROUP])).toEqual(['ann', GROUP, ANY])
    const claimed = { ...QUESTION, groups: ['bob'] }
    expect(judgePermission([row({ userId: 'bob' })], claimed).isAllowed).toBe(false)
  })
})
