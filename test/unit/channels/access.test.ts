import { describe, expect, it } from 'vitest'
import { decideAdmission } from '../../../src/channels/access.ts'
import { DIRECT, decision, GROUP, message, PERSON, policyOf } from './events.ts'

const FACTS = { isEnabled: true, isPaired: false }
const PAIRED = { isEnabled: true, isPaired: true }

/** Every combination of one value of each. */
function* combinations<Choices extends Readonly<Record<string, readonly unknown[]>>>(
  choices: Choices,
): Generator<{ [Name in keyof Choices]: Choices[Name][number] }> {
  const names = Object.keys(choices)
  const total = names.reduce((product, name) => product * (choices[name]?.length ?? 0), 1)
  for (let index = 0; index < total; index += 1) {
    let rest = index
    yield Object.fromEntries(
      names.map((name) => {
        const values = choices[name] ?? []
        const value = values[rest % values.length]
        rest = Math.floor(rest / values.length)
        return [name, value]
      }),
    ) as { [Name in keyof Choices]: Choices[Name][number] }
  }
}

const WORLD = {
  isEnabled: [true, false],
  isPaired: [true, false],
  kind: ['person', 'bot', 'self'],
  isRelayed: [true, false],
  event: ['message', 'decision'],
} as const

const LISTS = {
  none: [],
  others: ['7'],
  id: ['7', '42'],
  username: ['@Anna'],
  displayName: ['Anna Doe'],
  any: ['*'],
} as const
type ListName = keyof typeof LISTS
const LIST_NAMES = Object.keys(LISTS) as readonly ListName[]
/** Of the six lists those that name Anna, 42, herself. */
const NAMING: readonly ListName[] = ['id', 'username']

const eventOf = (
  {
    kind,
    isRelayed,
    event,
  }: { kind: (typeof WORLD.kind)[number]; isRelayed: boolean; event: string },
  conversation: typeof DIRECT,
  isMention: boolean,
  text = 'hello',
) => {
  const sender = { ...PERSON, displayName: 'Anna Doe', kind }
  return event === 'message'
    ? message({ sender, conversation, isRelayed, isMention, text })
    : decision({ sender, conversation })
}

describe('the table of direct messages', () => {
  const CASES = {
    ...WORLD,
    policy: ['pairing', 'allowlist', 'open', 'disabled'],
    list: LIST_NAMES,
    isMention: [true, false],
  } as const

  /** Written as the rules read, from the last word to the first. */
  const oracle = (
    row: {
      [Name in keyof typeof CASES]: (typeof CASES)[Name][number]
    },
  ): string => {
    const rules: readonly (readonly [boolean, string])[] = [
      [!row.isEnabled, 'dropped instance_disabled'],
      [row.policy === 'disabled', 'dropped dm_policy_disabled'],
      [row.kind === 'bot', 'dropped sender_bot'],
      [row.kind === 'self', 'dropped sender_self'],
      [row.policy === 'open' && row.list === 'any', 'admitted dm_policy_open'],
      [row.list === 'any' || NAMING.includes(row.list), 'admitted dm_policy_allowlisted'],
      [row.isPaired && row.policy !== 'allowlist', 'admitted dm_policy_allowlisted'],
      [row.policy !== 'pairing', 'dropped dm_policy_not_allowlisted'],
      [row.event === 'message' && !row.isRelayed, 'pairing dm_policy_pairing_required'],
      [true, 'dropped dm_policy_pairing_required'],
    ]
    return rules.find(([holds]) => holds)?.[1] ?? ''
  }

  it('is what is written here, in every row', () => {
    const seen = new Set<string>()
    for (const row of combinations(CASES)) {
      const policy = policyOf({ dm_policy: row.policy, allow_from: LISTS[row.list] })
      const event = eventOf(row, DIRECT, row.isMention)
      const { kind, reason } = decideAdmission(policy, event, row)
      expect([row, `${kind} ${reason}`]).toEqual([row, oracle(row)])
      seen.add(`${kind} ${reason}`)
    }
    expect(seen.size).toBe(9)
  })
})

describe('the table of groups', () => {
  const GROUPS = {
    none: {},
    others: { '-7': {} },
    this: { '-100': {} },
    any: { '*': {} },
    'this quietly': { '-100': { require_mention: false } },
    'this for 42': { '-100': { allow_from: ['42'] } },
    'this for 7': { '-100': { allow_from: ['7'] } },
    'this for nobody': { '-100': { allow_from: [] } },
    'any for 7, this for all': { '*': { allow_from: ['7'] }, '-100': { allow_from: ['*'] } },
    'any for 7': { '*': { allow_from: ['7'] }, '-100': {} },
  } as const
  const ALLOWED = {
    nobody: [],
    'another group': ['-7'],
    'this group': ['-100'],
    'all groups': ['*'],
    'its sender': ['42'],
    'its sender by name': ['anna'],
  } as const
  const CASES = {
    ...WORLD,
    policy: ['allowlist', 'open', 'disabled'],
    groups: Object.keys(GROUPS) as readonly (keyof typeof GROUPS)[],
    allowed: Object.keys(ALLOWED) as readonly (keyof typeof ALLOWED)[],
    requireMention: [true, false],
    mention: ['native', 'pattern', 'none'],
  } as const

  const oracle = (
    row: {
      [Name in keyof typeof CASES]: (typeof CASES)[Name][number]
    },
  ): string => {
    const isListed =
      !['none', 'others'].includes(row.groups) ||
      ['this group', 'all groups', 'its sender'].includes(row.allowed)
    const hearsSender = !['this for 7', 'this for nobody', 'any for 7'].includes(row.groups)
    const isAsked =
      row.event === 'decision' ||
      row.mention === 'native' ||
      (row.mention === 'pattern' && !row.isRelayed)
    const needsAsking = row.requireMention && row.groups !== 'this quietly'
    if (!row.isEnabled) return 'dropped instance_disabled'
    if (row.policy === 'disabled') return 'dropped group_policy_disabled'
    if (row.policy === 'allowlist' && row.groups === 'none' && row.allowed === 'nobody')
      return 'dropped group_policy_empty_allowlist'
    if (row.policy === 'allowlist' && !isListed) return 'dropped group_policy_not_allowlisted'
    if (row.kind !== 'person') return `dropped sender_${row.kind}`
    if (!hearsSender) return 'dropped group_sender_not_allowlisted'
    return needsAsking && !isAsked ? 'context mention_required' : 'admitted group_policy_allowed'
  }

  it('is what is written here, in every row', () => {
    const seen = new Set<string>()
    for (const { groups, allowed, policy, requireMention } of combinations({
      groups: CASES.groups,
      allowed: CASES.allowed,
      policy: CASES.policy,
      requireMention: CASES.requireMention,
    })) {
      const access = policyOf({
        dm_policy: 'open',
        allow_from: ['*'],
        group_policy: policy,
        group_allow_from: ALLOWED[allowed],
        groups: GROUPS[groups],
        require_mention: requireMention,
        mention_patterns: ['hey claw'],
      })
      for (const rest of combinations({ ...WORLD, mention: CASES.mention })) {
        const row = { ...rest, groups, allowed, policy, requireMention }
        const text = row.mention === 'pattern' ? 'and Hey Claw, well' : 'hello'
        const event = eventOf(row, GROUP, row.mention === 'native', text)
        const { kind, reason } = decideAdmission(access, event, row)
        const said = `${kind} ${reason}`
        if (said !== oracle(row)) expect([row, said]).toEqual([row, oracle(row)])
        seen.add(said)
      }
    }
    expect(seen.size).toBe(9)
  })
})

describe('an admission', () => {
  const open = policyOf({ group_policy: 'open', mention_patterns: ['claw'] })

  it('needs no mention where the platform itself gave the command', () => {
    const event = message({ conversation: GROUP, isCommand: true })
    expect(decideAdmission(open, event, FACTS).kind).toBe('admitted')
    expect(decideAdmission(open, message({ conversation: GROUP }), FACTS).kind).toBe('context')
  })

  it('finds a pattern again in every message, and none far behind', () => {
    const called = message({ conversation: GROUP, text: 'CLAW!' })
    for (let time = 0; time < 3; time += 1) {
      expect(decideAdmission(open, called, FACTS).kind).toBe('admitted')
    }
    const late = message({ conversation: GROUP, text: `${'x'.repeat(100_000)} claw` })
    expect(decideAdmission(open, late, FACTS).kind).toBe('context')
  })

  it('takes no chosen name for an id', () => {
    const impostor = { ...PERSON, id: '666', username: '42' }
    const listed = policyOf({ dm_policy: 'allowlist', allow_from: ['42'] })
    expect(decideAdmission(listed, message(), FACTS).kind).toBe('admitted')
    expect(decideAdmission(listed, message({ sender: impostor }), FACTS).kind).toBe('dropped')
    const named = policyOf({ dm_policy: 'allowlist', allow_from: ['@Anna'] })
    expect(decideAdmission(named, message(), FACTS).kind).toBe('admitted')
    const idLikeName = { ...PERSON, id: 'anna', username: null }
    expect(decideAdmission(named, message({ sender: idLikeName }), FACTS).kind).toBe('dropped')
  })

  it('lets nobody into a group by pairing', () => {
    const event = message({ conversation: GROUP, isMention: true })
    expect(decideAdmission(policyOf(), event, PAIRED)).toEqual({
      kind: 'dropped',
      reason: 'group_policy_empty_allowlist',
    })
    expect(decideAdmission(policyOf(), message(), PAIRED).kind).toBe('admitted')
  })

  it('reads an entry for another platform as none', () => {
    const elsewhere = policyOf({ dm_policy: 'allowlist', allow_from: ['slack:42', 'slack:*'] })
    expect(decideAdmission(elsewhere, message(), FACTS).kind).toBe('dropped')
    const here = policyOf({ dm_policy: 'allowlist', allow_from: ['Telegram:42'] })
    expect(decideAdmission(here, message(), FACTS).kind).toBe('admitted')
  })
})
