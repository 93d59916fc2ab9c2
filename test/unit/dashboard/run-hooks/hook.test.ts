import { describe, expect, it } from 'vitest'
import {
  fieldsOf,
  type Hook,
  shownSecret,
  updateParams,
} from '../../../../src/dashboard/pages/run-hooks/hook.ts'
import { isLeftAlone, isOf, rowOf } from '../../../../src/dashboard/pages/run-hooks/trouble.ts'

const HOOK: Hook = {
  id: 'hok_1',
  name: 'guard',
  events: ['pre_tool_use'],
  agents: ['*'],
  failure: 'default',
  enabled: true,
  url: 'https://guard.example/hook',
  allow_private_network: false,
  secret: '***',
}
const before = fieldsOf(HOOK)
const changed = (said: Partial<typeof before>) => updateParams(HOOK, { ...before, ...said })

describe('what is sent of a run hook’s form', () => {
  it('is nothing when nothing was changed', () => {
    expect(changed({})).toBeNull()
  })

  it('leaves points and agents alone that stand in another order: one of them may be gone', () => {
    const hook: Hook = { ...HOOK, events: ['stop', 'pre_tool_use'], agents: ['gone', 'default'] }
    const sent = (said: Partial<typeof before>) =>
      updateParams(hook, { ...fieldsOf(hook), failure: 'open', ...said })
    expect(sent({ events: ['pre_tool_use', 'stop'], agents: ['default', 'gone'] })).toEqual({
      id: 'hok_1',
      failure: 'open',
    })
    expect(sent({ agents: ['default'] })).toMatchObject({ agents: ['default'] })
  })

  it('asks for a secret with another host alone: without one the hook is not called', () => {
    expect(changed({ url: 'https://guard.example/v2' })).not.toHaveProperty('renew')
    expect(changed({ url: 'https://other.example/hook' })).toMatchObject({ renew: true })
  })
})

describe('a signing secret', () => {
  it('is shown when it was just made, and never its mask', () => {
    expect(shownSecret({ secret: 'whsec_made-up' })).toBe('whsec_made-up')
    expect(shownSecret({ secret: '***' })).toBeNull()
    expect(shownSecret({ secret: '' })).toBeNull()
  })
})

describe('what the security log says of a hook', () => {
  const event = (said: object) => ({
    id: 'e1',
    name: 'security.hook_failed',
    hook: 'guard',
    event: 'pre_tool_use',
    reason: 'timeout',
    blocked: true,
    created_at: '2026-01-01T00:00:00.000Z',
    ...said,
  })
  const at = Date.parse('2026-01-01T00:00:00Z')

  it('is of this hook and no other', () => {
    expect(isOf(event({}), 'guard')).toBe(true)
    expect(isOf(event({}), 'guard2')).toBe(false)
  })

  it('tells a failure from a no, and whether the run went on', () => {
    expect(rowOf(event({}))).toMatchObject({ isBlock: false, isStopped: true })
    expect(rowOf(event({ blocked: false }))).toMatchObject({ isStopped: false })
    const no = event({ name: 'security.hook_blocked', reason: undefined, blocked: undefined })
    expect(rowOf(no)).toMatchObject({ isBlock: true, isStopped: true, reason: 'It said no' })
  })

  it('says that it is left alone, for as long as that lasts', () => {
    const alone = [event({ reason: 'breaker' })]
    expect(isLeftAlone(alone, at + 29_000)).toBe(true)
    expect(isLeftAlone(alone, at + 31_000)).toBe(false)
    expect(isLeftAlone([event({})], at + 1_000)).toBe(false)
  })
})
