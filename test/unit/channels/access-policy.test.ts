import { describe, expect, it } from 'vitest'
import { groupAccess, toolLevelsOf } from '../../../src/channels/access-policy.ts'
import { DIRECT, GROUP, PERSON, policyOf } from './events.ts'

describe('the policy of an instance', () => {
  const defaults = {
    dm_policy: 'allowlist',
    group_policy: 'open',
    allow_from: ['1'],
    group_allow_from: ['-1'],
    groups: { '-1': {} },
    require_mention: false,
    mention_patterns: ['bot'],
  }

  it('is the tenant’s where the instance says nothing', () => {
    const policy = policyOf({}, { defaults }, 'per-peer')
    expect(policy).toMatchObject({
      dmPolicy: 'allowlist',
      groupPolicy: 'open',
      requireMention: false,
      dmScope: 'per-peer',
    })
    expect([...policy.allowFrom.ids]).toEqual(['1'])
    expect([...policy.groupAllowFrom.chats]).toEqual(['-1'])
    expect([...policy.groups.keys()]).toEqual(['-1'])
    expect(policy.mentionPatterns).toHaveLength(1)
  })

  it('is the instance’s own, whole, where it says something', () => {
    const policy = policyOf(
      {
        dm_policy: 'disabled',
        group_policy: 'disabled',
        allow_from: [],
        group_allow_from: [],
        groups: {},
        require_mention: true,
        mention_patterns: [],
        dm_scope: 'main',
      },
      { defaults },
    )
    expect(policy).toMatchObject({
      dmPolicy: 'disabled',
      groupPolicy: 'disabled',
      requireMention: true,
      dmScope: 'main',
      mentionPatterns: [],
    })
    expect(policy.allowFrom.ids.size).toBe(0)
    expect(policy.groupAllowFrom.chats.size).toBe(0)
    expect(policy.groups.size).toBe(0)
  })

  it('is closed where nobody says anything', () => {
    expect(policyOf()).toMatchObject({
      dmPolicy: 'pairing',
      groupPolicy: 'allowlist',
      requireMention: true,
      dmScope: 'per-account-channel-peer',
      commandsFrom: null,
    })
  })

  it('narrows tools by every level there is, and never by fewer', () => {
    const level = (name: string) => ({ deny: [name] })
    const policy = policyOf(
      {
        tools: level('instance'),
        groups: { '*': { tools: level('any') }, '-100': { tools: level('group') } },
        tools_by_sender: { '42': level('sender'), '7': level('another'), '*': level('all') },
      },
      { defaults: { tools: level('tenant') } },
    )
    const names = (levels: readonly { deny?: readonly string[] | undefined }[]) =>
      levels.flatMap(({ deny }) => deny ?? [])
    expect(names(toolLevelsOf(policy, GROUP, PERSON)).toSorted()).toEqual(
      ['tenant', 'instance', 'any', 'group', 'sender', 'all'].toSorted(),
    )
    expect(names(toolLevelsOf(policy, DIRECT, PERSON))).not.toContain('group')
  })

  it('takes of a group what it says itself, else what all groups say', () => {
    const policy = policyOf({
      groups: {
        '*': { agent: 'all', require_mention: false },
        '-100': { agent: 'one' },
        'slack:C1': { agent: 'elsewhere' },
      },
    })
    expect(groupAccess(policy, GROUP)).toMatchObject({ agent: 'one', requireMention: false })
    expect(groupAccess(policy, { ...GROUP, id: '-5' }).agent).toBe('all')
    expect(groupAccess(policy, { ...GROUP, id: 'C1' }).agent).toBe('all')
  })
})
