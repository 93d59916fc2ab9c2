import { describe, expect, it } from 'vitest'
import { runIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import { lineageOf, mayJoin, payingAgentKey } from '../../../src/domain/run-origin.ts'

const PARENT = 'agent:main:ws:direct:c1'
const origin = {
  kind: 'subagent',
  parentSessionKey: PARENT,
  parentRunId: runIdSchema.parse('run_1'),
  lineage: ['agent:root:telegram:direct:42', PARENT],
  owner: userIdSchema.parse('ada'),
  preset: null,
  hasSeenUntrusted: false,
} as const

const CRON = { kind: 'cron', jobId: 'j', scheduledAt: 1, attempt: 1 } as const

describe('the origin of a run', () => {
  it('names whom it acts for, outermost first, and who pays', () => {
    expect(lineageOf(origin).map(({ agentKey, channel }) => [agentKey, channel])).toEqual([
      ['root', 'telegram'],
      ['main', 'ws'],
    ])
    expect(payingAgentKey(origin, 'helper')).toBe('root')
    expect(payingAgentKey(null, 'helper')).toBe('helper')
    expect(payingAgentKey(CRON, 'helper')).toBe('helper')
  })

  it('is no lineage where it holds what is no session key: nothing acts for nobody', () => {
    expect(() => lineageOf({ ...origin, lineage: ['main'] })).toThrow('no session key')
  })

  it('lets a message join the run that its own conversation began, and no other', () => {
    expect(mayJoin(origin, origin)).toBe(true)
    expect(mayJoin(undefined, origin)).toBe(false)
    expect(mayJoin({ ...origin, parentSessionKey: 'agent:main:ws:direct:c2' }, origin)).toBe(false)
    expect(mayJoin(CRON, origin)).toBe(false)
    expect(mayJoin(origin, { ...origin, kind: 'relayed' })).toBe(false)
  })
})
