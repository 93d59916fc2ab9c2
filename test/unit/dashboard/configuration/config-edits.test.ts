import { describe, expect, it } from 'vitest'
import { mergePatch } from '../../../../src/api/merge-patch.ts'
import {
  type ConfigEdits,
  changedEdits,
  patchOf,
  withEdit,
  withoutDefaults,
} from '../../../../src/dashboard/pages/configuration/config-edits.ts'

const CONFIG = {
  gateway: { rate_limit_rpm: 20, injection_action: 'warn' },
  tools: { deny: ['cron'], by_owner: { ann: { deny: ['exec'] }, bob: { allow: ['web_*'] } } },
}
const edits = (...made: readonly (readonly [path: string, value: unknown])[]): ConfigEdits =>
  made.reduce<ConfigEdits>(
    (all, [path, value]) => withEdit(all, { path: path.split('.'), value }),
    {},
  )

describe('edits of the configuration', () => {
  it('count only where they say something else than what is in force', () => {
    const made = edits(['gateway.rate_limit_rpm', 20], ['tools.deny', ['cron', 'exec']])
    expect(changedEdits(CONFIG, made).map(({ path }) => path.join('.'))).toEqual(['tools.deny'])
    expect(patchOf(CONFIG, edits(['gateway.rate_limit_rpm', 20]))).toEqual({})
  })

  it('come to one patch, which takes back by null', () => {
    const made = edits(['gateway.rate_limit_rpm', undefined], ['gateway.injection_action', 'block'])
    expect(patchOf(CONFIG, made)).toEqual({
      gateway: { rate_limit_rpm: null, injection_action: 'block' },
    })
  })

  it('name the members that are gone: a merge would keep them', () => {
    const wanted = { ann: { deny: ['exec'] }, eve: { deny: ['*'] } }
    const patch = patchOf(CONFIG, edits(['tools.by_owner', wanted]))
    expect(patch).toEqual({ tools: { by_owner: { eve: { deny: ['*'] }, bob: null } } })
    expect(mergePatch(CONFIG, patch)).toMatchObject({ tools: { by_owner: wanted } })
    expect(mergePatch(CONFIG, patch)).not.toHaveProperty('tools.by_owner.bob')
  })

  it('reach settings whose section is not there yet', () => {
    expect(patchOf({}, edits(['budgets.per_agent.requests_per_day', 5]))).toEqual({
      budgets: { per_agent: { requests_per_day: 5 } },
    })
  })

  it('read no member that an object has by birth', () => {
    expect(changedEdits({}, edits(['constructor.name', undefined]))).toEqual([])
  })
})

describe('the document that was said', () => {
  it('is what differs from the defaults', () => {
    const defaults = { gateway: { rate_limit_rpm: 20, injection_action: 'warn' }, tools: {} }
    const config = { gateway: { rate_limit_rpm: 20, injection_action: 'block' }, tools: {} }
    expect(withoutDefaults(config, defaults)).toEqual({ gateway: { injection_action: 'block' } })
  })

  it('keeps what no default knows', () => {
    expect(withoutDefaults({ a: { b: [1] } }, {})).toEqual({ a: { b: [1] } })
  })
})
