import { describe, expect, it } from 'vitest'
import type { AgentSettings } from '../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import { settingsBelow, settingsOfReader, settingsOfSubAgent } from '../../../src/tools/lineage.ts'
import { isToolAllowed } from '../../../src/tools/policy.ts'
import { resolveToolSettings, type ToolSettings } from '../../../src/tools/settings.ts'

const config = tenantConfigSchema.parse({})
const settings = (agent: AgentSettings): ToolSettings => resolveToolSettings({ config, agent })

const EXEC = { name: 'exec', group: 'runtime' } as const
const READ = { name: 'read_file', group: 'fs' } as const
const NOTHING_SAID = settings({})

/** Each narrows one thing; whoever stands above or below, it stays narrow. */
const NARROW: readonly [string, AgentSettings, (settings: ToolSettings) => unknown, unknown][] = [
  ['policy', { tools: { deny: ['exec'] } }, ({ policy }) => isToolAllowed(EXEC, policy), false],
  ['autonomy', { autonomy: { level: 'readonly' } }, ({ autonomy }) => autonomy, 'readonly'],
  ['access', { sandbox: { workspace_access: 'ro' } }, ({ access }) => access, 'ro'],
  [
    'shell groups',
    { shell_deny_groups: { persistence: true } },
    ({ shell }) => shell.denyGroups.has('persistence'),
    true,
  ],
  [
    'programs',
    { autonomy: { allowed_commands: ['ls', 'cat'] } },
    ({ shell }) => shell.allowedCommands,
    ['ls', 'cat'],
  ],
  [
    'exec approval',
    { exec_approval: { security: 'deny' } },
    ({ shell }) =>
      [shell.approval, ...(shell.approvalsAbove ?? [])].some(({ security }) => security === 'deny'),
    true,
  ],
]

describe('a run below another', () => {
  it.each(NARROW)('has the narrower %s, whichever of them says it', (_, agent, read, expected) => {
    const wide = settings({ shell_deny_groups: { persistence: false } })
    expect(read(settingsBelow(wide, [settings(agent)]))).toEqual(expected)
    expect(read(settingsBelow(settings(agent), [wide]))).toEqual(expected)
    expect(read(settingsBelow(wide, [settings(agent), wide]))).toEqual(expected)
  })

  it('has of two lists of programs what is on both, and none where that is nothing', () => {
    const only = (...names: string[]) => settings({ autonomy: { allowed_commands: names } })
    const { shell } = settingsBelow(only('ls', 'cat'), [only('cat', 'git')])
    expect(shell.allowedCommands).toEqual(['cat'])
    expect(settingsBelow(only('ls'), [only('git')]).shell.allowedCommands).toEqual([])
    expect(settingsBelow(NOTHING_SAID, [NOTHING_SAID]).shell.allowedCommands).toBeNull()
  })

  it('loses as a sub-agent what reaches beyond it, and as a reader everything', () => {
    const below = settingsBelow(NOTHING_SAID, [NOTHING_SAID])
    for (const name of ['spawn', 'sessions_send', 'send_file', 'cron', 'gateway']) {
      const tool = { name, group: 'automation' } as const
      expect(isToolAllowed(tool, below.policy)).toBe(true)
      expect(isToolAllowed(tool, settingsOfSubAgent(below).policy)).toBe(false)
    }
    expect(isToolAllowed(READ, settingsOfSubAgent(below).policy)).toBe(true)
    expect(isToolAllowed(READ, settingsOfReader(below).policy)).toBe(false)
    expect(settingsOfReader(below)).toMatchObject({ access: 'none', autonomy: 'readonly' })
  })
})
