import { describe, expect, it } from 'vitest'
import { keyOf, PROFILES } from '../../../../src/dashboard/pages/agents/profiles.ts'
import {
  type AgentSettings,
  agentSettingsSchema,
} from '../../../../src/domain/config/agent-settings.ts'
import { loosenedBy, PRESETS } from '../../../../src/domain/config/presets.ts'
import { checkToolPolicy } from '../../../../src/tools/check-policy.ts'

describe('the profiles of a new agent', () => {
  it.each(PROFILES)('$id is what the gateway takes', ({ settings }) => {
    expect(agentSettingsSchema.safeParse(settings).success).toBe(true)
    expect(checkToolPolicy('settings.tools', settings.tools as AgentSettings['tools']).ok).toBe(
      true,
    )
  })

  it('loosen nothing of the strict baseline where strangers are met', () => {
    const settings = PROFILES.find(({ id }) => id === 'public')?.settings as AgentSettings
    expect(loosenedBy(PRESETS.hardened, settings)).toEqual([])
    const { tools } = PRESETS.hardened.settings
    expect(settings.tools?.profile).toBe(tools.profile)
    expect(settings.tools?.deny).toEqual(expect.arrayContaining([...tools.deny]))
  })

  it('let a read-only agent change nothing', () => {
    const settings = PROFILES.find(({ id }) => id === 'team-read-only')?.settings
    expect(settings?.autonomy?.level).toBe('readonly')
    expect(settings?.sandbox).toMatchObject({ mode: 'off', workspace_access: 'ro' })
  })
})

it('makes a key of a name as the gateway does', () => {
  expect(['Help Desk', '  Ünter! ', '--x', '日本'].map(keyOf)).toEqual([
    'help-desk',
    'nter-',
    'x',
    '',
  ])
})
