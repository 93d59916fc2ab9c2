import { describe, expect, it } from 'vitest'
import type { ToolPolicyLevel } from '../../../src/domain/config/tool-policy.ts'
import {
  decidingRule,
  denyingLevel,
  effectivePolicy,
  findUnknownEntries,
  isToolAllowed,
  policyOfSubAgent,
  type ToolPolicyLevels,
} from '../../../src/tools/policy.ts'

const EXEC = { name: 'exec', group: 'runtime' } as const
const READ = { name: 'read_file', group: 'fs' } as const
const SEND = { name: 'message_send', group: 'messaging' } as const
const SPAWN = { name: 'spawn', group: 'sessions' } as const

const allows = (levels: ToolPolicyLevels, tool: typeof EXEC | typeof READ | typeof SEND) =>
  isToolAllowed(tool, effectivePolicy(levels))

describe('tool policy', () => {
  it('allows everything where no level says anything', () => {
    expect(allows({}, EXEC)).toBe(true)
    expect(allows({ tenant: {} }, EXEC)).toBe(true)
  })

  it('denies what any level denies, by name and by group', () => {
    expect(allows({ agent: { deny: ['exec'] } }, EXEC)).toBe(false)
    expect(allows({ owner: { deny: ['group:runtime'] } }, EXEC)).toBe(false)
    expect(allows({ owner: { deny: ['group:runtime'] } }, READ)).toBe(true)
  })

  it('never widens: an inner allow does not undo an outer deny', () => {
    expect(allows({ tenant: { deny: ['exec'] }, agent: { allow: ['exec'] } }, EXEC)).toBe(false)
    expect(allows({ tenant: { allow: ['read_file'] }, agent: { allow: ['*'] } }, EXEC)).toBe(false)
    expect(allows({ tenant: { profile: 'messaging' }, agent: { profile: 'full' } }, EXEC)).toBe(
      false,
    )
  })

  it('lets deny win over allow on the same level', () => {
    expect(allows({ tenant: { allow: ['exec'], deny: ['exec'] } }, EXEC)).toBe(false)
  })

  it('treats an empty allow list as allowing nothing', () => {
    expect(allows({ channel: { allow: [] } }, READ)).toBe(false)
  })

  it('keeps each profile to its groups', () => {
    const profile = (name: 'minimal' | 'messaging' | 'coding' | 'full') => ({
      agent: { profile: name },
    })
    expect(allows(profile('minimal'), READ)).toBe(false)
    expect(allows(profile('messaging'), SEND)).toBe(true)
    expect(allows(profile('messaging'), EXEC)).toBe(false)
    expect(allows(profile('coding'), EXEC)).toBe(true)
    expect(allows(profile('coding'), SEND)).toBe(false)
    expect(allows(profile('full'), SEND)).toBe(true)
  })

  it('narrows a profile by the allow list of its level', () => {
    const level = { profile: 'coding', allow: ['group:fs', 'message_send'] } as const
    expect(allows({ agent: { ...level, allow: [...level.allow] } }, READ)).toBe(true)
    expect(allows({ agent: { ...level, allow: [...level.allow] } }, EXEC)).toBe(false)
    expect(allows({ agent: { ...level, allow: [...level.allow] } }, SEND)).toBe(false)
  })

  it('matches a trailing star as a prefix and no other star', () => {
    expect(allows({ tenant: { allow: ['read_*'] } }, READ)).toBe(true)
    expect(allows({ tenant: { allow: ['*_file'] } }, READ)).toBe(false)
  })

  it('lets an entry that is not understood allow nothing and deny everything', () => {
    expect(allows({ tenant: { allow: ['group:shell'] } }, EXEC)).toBe(false)
    expect(allows({ tenant: { deny: ['group:shell'] } }, READ)).toBe(false)
    expect(findUnknownEntries({ allow: ['group:fs', 'group:shell'], deny: ['a b'] })).toEqual([
      'group:shell',
      'a b',
    ])
  })

  it('names the outermost level that denies', () => {
    const policy = effectivePolicy({ owner: { deny: ['exec'] }, tenant: { deny: ['exec'] } })
    expect(denyingLevel(EXEC, policy)).toBe('tenant')
    expect(denyingLevel(READ, policy)).toBeNull()
  })

  it('takes from a sub-agent what reaches beyond it, and nothing else', () => {
    const parent = effectivePolicy({ tenant: { deny: ['exec'] } })
    expect(isToolAllowed(SPAWN, parent)).toBe(true)
    expect(isToolAllowed(SPAWN, policyOfSubAgent(parent))).toBe(false)
    expect(isToolAllowed(EXEC, policyOfSubAgent(parent))).toBe(false)
    expect(isToolAllowed(READ, policyOfSubAgent(parent))).toBe(true)
  })
})

describe('the rule that decides', () => {
  const deciding = (levels: ToolPolicyLevels, tool: typeof EXEC | typeof READ | typeof SEND) =>
    decidingRule(tool, effectivePolicy(levels))

  it('is none where nobody says anything', () => {
    expect(deciding({}, EXEC)).toBeNull()
    expect(deciding({ agent: { deny: ['spawn'] } }, EXEC)).toBeNull()
  })

  it('is the outermost that refuses, with the entry as it stands there', () => {
    const levels = {
      tenant: { deny: ['group:runtime'] },
      agent: [{ allow: ['*'] }, { deny: ['exec'] }],
    }
    expect(deciding(levels, EXEC)).toEqual({
      level: 'tenant',
      place: 0,
      rule: 'deny',
      entry: 'group:runtime',
      isAllowed: false,
    })
    expect(deciding({ ...levels, tenant: {} }, EXEC)).toMatchObject({
      level: 'agent',
      place: 1,
      rule: 'deny',
      entry: 'exec',
    })
  })

  it('tells a list that has not got it from a profile that has not', () => {
    expect(deciding({ owner: { allow: ['read_file'] } }, EXEC)).toMatchObject({
      level: 'owner',
      rule: 'allow',
      entry: null,
      isAllowed: false,
    })
    expect(deciding({ owner: { profile: 'messaging' } }, EXEC)).toMatchObject({
      rule: 'profile',
      entry: 'messaging',
      isAllowed: false,
    })
  })

  it('is the innermost that lets it through where none refuses', () => {
    const levels: ToolPolicyLevels = {
      tenant: { profile: 'full' },
      agent: { allow: ['group:fs', 'ex*'] },
    }
    expect(deciding(levels, EXEC)).toMatchObject({
      level: 'agent',
      rule: 'allow',
      entry: 'ex*',
      isAllowed: true,
    })
    expect(deciding({ tenant: { profile: 'coding' } }, EXEC)).toMatchObject({
      level: 'tenant',
      rule: 'profile',
      entry: 'coding',
      isAllowed: true,
    })
  })

  it('names an entry that is not understood, which denies everything', () => {
    expect(deciding({ tenant: { deny: ['group:runtme'] } }, READ)).toMatchObject({
      rule: 'deny',
      entry: 'group:runtme',
      isAllowed: false,
    })
  })

  it('agrees with the gate on every tool and level', () => {
    const said: readonly ToolPolicyLevel[] = [
      {},
      { profile: 'minimal' },
      { profile: 'coding', deny: ['exec'] },
      { allow: [] },
      { allow: ['exec', 'group:nothing'], deny: ['read_*'] },
      { deny: ['nonsense!'] },
    ]
    for (const tenant of said) {
      for (const agent of said) {
        for (const tool of [EXEC, READ, SEND]) {
          const policy = effectivePolicy({ tenant, agent })
          const isAllowed = decidingRule(tool, policy)?.isAllowed ?? true
          expect([tool.name, isAllowed]).toEqual([tool.name, isToolAllowed(tool, policy)])
        }
      }
    }
  })
})
