import { describe, expect, it } from 'vitest'
import { channelInstanceConfigSchema } from '../../../../src/domain/config/channels.ts'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

const parsed = (config: object) => channelInstanceConfigSchema.safeParse(config)
const told = (config: object): string =>
  parsed(config)
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    .join('; ') ?? ''

describe('the configuration of a channel instance', () => {
  it('says nothing of access that it was not told', () => {
    expect(channelInstanceConfigSchema.parse({})).toEqual({
      allow_private_network: false,
      streaming: true,
      hooks: {},
      tools_by_sender: {},
    })
  })

  it('takes every key there is', () => {
    const config = {
      dm_policy: 'open',
      group_policy: 'open',
      allow_from: ['*'],
      group_allow_from: ['C1'],
      groups: { C1: { allow_from: ['U1'], require_mention: false, agent: 'main' } },
      require_mention: false,
      mention_patterns: ['hey claw', '/bot[0-9]/i'],
      dm_scope: 'per-peer',
      tools: { deny: ['exec'] },
      tools_by_sender: { U1: { profile: 'minimal' } },
      api_base_url: 'http://127.0.0.1:8080/api',
      allow_private_network: true,
      streaming: false,
      hooks: { deploys: { token: 'x' } },
    }
    expect(channelInstanceConfigSchema.parse(config)).toEqual(config)
  })

  it('refuses a key that is none, with the one that was meant', () => {
    expect(told({ dm_polcy: 'open' })).toContain('did you mean dm_policy')
    expect(told({ groups: { C1: { alow_from: [] } } })).toContain(
      'did you mean groups.C1.allow_from',
    )
    expect(told({ dm_policy: 'everyone' })).toContain('pairing, allowlist, open, disabled')
  })

  it.each(['(a+)+$', '(a|aa)+b', 'a*a*b', '(?=x)', '['])(
    'refuses the pattern %s, which could run for ever or is none',
    (pattern) => {
      expect(told({ mention_patterns: ['fine', pattern] })).toMatch(
        /^mention_patterns\.1 is refused/,
      )
      const document = { channels: { defaults: { mention_patterns: [pattern] } } }
      expect(tenantConfigSchema.safeParse(document).success).toBe(false)
    },
  )

  it.each(['ftp://h.example', 'javascript:x', 'h.example', ''])(
    'refuses %j for an API’s address',
    (url) => expect(parsed({ api_base_url: url }).success).toBe(false),
  )
})
