import { describe, expect, it } from 'vitest'
import {
  type Agent,
  changedFields,
  compact,
  fieldsOf,
  isSame,
  tabOf,
  updateOf,
} from '../../../../src/dashboard/pages/agents/draft.ts'

const AGENT: Agent = {
  id: 'agt_1',
  agent_key: 'helper',
  display_name: 'Helper',
  status: 'active',
  provider: 'demo',
  model: 'demo',
  agent_type: 'open',
  is_default: false,
  system_prompt: '',
  settings: {
    tools: { deny: ['exec'], allow: ['group:fs'] },
    temperature: 0.5,
    heartbeat_prompt: 'look around',
  },
  effective: {
    tools: [],
    autonomy: { level: 'full' },
    exec_approval: { security: 'full', ask: 'off', allowlist: [] },
    shell_deny_groups: {},
    sandbox: { mode: 'all', scope: 'session', workspace_access: 'rw', image: null },
  },
}

describe('what was changed of an agent', () => {
  it('is only what differs from what is saved', () => {
    const edits = { display_name: 'Helper', model: 'demo-2', temperature: 0.5 }
    expect(changedFields(fieldsOf(AGENT), edits)).toEqual(['model'])
  })

  it('does not count the order of members, but that of lists', () => {
    const turned = { tools: { allow: ['group:fs'], deny: ['exec'] } }
    expect(changedFields(fieldsOf(AGENT), turned)).toEqual([])
    expect(isSame({ a: [1, 2] }, { a: [2, 1] })).toBe(false)
  })

  it('does not count sections that say nothing', () => {
    const edits = { sandbox: { mode: undefined, limits: { memory_mb: undefined } } }
    expect(changedFields(fieldsOf(AGENT), edits)).toEqual([])
  })

  it('counts an emptied list: it allows nothing, where no list allows everything', () => {
    expect(isSame({ allowed_commands: [] }, {})).toBe(false)
  })

  it('is told by the tab that it was made in', () => {
    expect(['shell_deny_groups', 'exec_approval', 'fallbacks'].map(tabOf)).toEqual([
      'tools',
      'autonomy',
      'general',
    ])
  })
})

describe('what is sent of it', () => {
  it('names the agent and the changed fields alone', () => {
    expect(updateOf(AGENT, { status: 'disabled', display_name: 'Helper' })).toEqual({
      agentId: 'agt_1',
      status: 'disabled',
    })
  })

  it('sends a section whole, without members that were taken back', () => {
    const edits = { tools: { deny: ['exec', 'cron'], allow: undefined } }
    expect(updateOf(AGENT, edits)).toEqual({ agentId: 'agt_1', tools: { deny: ['exec', 'cron'] } })
  })

  it('empties a section of which all was taken back', () => {
    expect(updateOf(AGENT, { tools: { deny: undefined } })).toEqual({ agentId: 'agt_1', tools: {} })
  })

  it('names a value as taken back, since no value says that', () => {
    expect(updateOf(AGENT, { temperature: undefined, heartbeat_prompt: undefined })).toEqual({
      agentId: 'agt_1',
      unset: ['temperature', 'heartbeat_prompt'],
    })
  })
})

it('leaves out what says nothing, at every depth', () => {
  expect(compact({ a: { b: undefined }, c: [], d: 0, e: false, f: '' })).toEqual({
    c: [],
    d: 0,
    e: false,
    f: '',
  })
})
