import { describe, expect, it } from 'vitest'
import { accessOf, withAccess } from '../../../../src/dashboard/pages/channels/access-fields.ts'

const UNSAID = { dmPolicy: '', groupPolicy: '', mention: '', allowFrom: [], groupAllowFrom: [] }

describe('the access settings of a channel', () => {
  it('come back from the form as they went in', () => {
    const config = {
      dm_policy: 'allowlist',
      group_policy: 'disabled',
      require_mention: false,
      allow_from: ['U1', 'U2'],
      group_allow_from: ['C1'],
    }
    expect(withAccess(config, accessOf(config))).toEqual(config)
    expect(withAccess({}, accessOf({}))).toEqual({})
  })

  it('leave to the tenant what is left open', () => {
    expect(withAccess({ dm_policy: 'open', require_mention: false }, UNSAID)).toEqual({})
  })

  it('keep an emptied list as an empty one: without it the tenant’s list would let others in', () => {
    expect(withAccess({ allow_from: ['U1'] }, UNSAID)).toEqual({ allow_from: [] })
  })

  it('keep whatever the form does not show', () => {
    const config = { streaming: false, hooks: { ci: { agent: 'a' } }, dm_policy: 'open' }
    expect(withAccess(config, { ...UNSAID, dmPolicy: 'pairing' })).toEqual({
      ...config,
      dm_policy: 'pairing',
    })
  })

  it('read nothing into what is of another kind', () => {
    expect(accessOf({ dm_policy: 3, allow_from: 'all', group_allow_from: [1, 'C1'] })).toEqual({
      ...UNSAID,
      groupAllowFrom: ['C1'],
    })
  })
})
