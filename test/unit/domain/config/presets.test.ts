import { describe, expect, it } from 'vitest'
import { mergePatch } from '../../../../src/api/merge-patch.ts'
import {
  leavesOf,
  loosenedBy,
  PRESETS,
  presetPatch,
  valueAt,
} from '../../../../src/domain/config/presets.ts'
import {
  DEFAULT_TENANT_CONFIG,
  tenantConfigSchema,
} from '../../../../src/domain/config/tenant-config.ts'
import { findUnknownEntries } from '../../../../src/tools/policy.ts'
import { resolveToolSettings } from '../../../../src/tools/settings.ts'

const { hardened } = PRESETS
const configOf = (document: unknown) => tenantConfigSchema.parse(document)
const hardenedFrom = (document: unknown) =>
  configOf(mergePatch(document, presetPatch(hardened, configOf(document))))

describe('presets', () => {
  it('are documents that the gateway takes, with groups that it knows', () => {
    for (const [name, { settings }] of Object.entries(PRESETS)) {
      expect(tenantConfigSchema.safeParse(settings).success, name).toBe(true)
      expect(findUnknownEntries(settings.tools), name).toEqual([])
    }
  })

  it('hardened is the strict baseline', () => {
    expect(leavesOf(hardened.settings)).toEqual([
      ['gateway.injection_action', 'block'],
      ['tools.profile', 'messaging'],
      ['tools.deny', ['group:runtime', 'group:fs', 'group:automation']],
      ['tools.execApproval.security', 'deny'],
      ['tools.execApproval.ask', 'always'],
      ['tools.scrub_credentials', true],
      ['autonomy.level', 'supervised'],
      ['sandbox.workspace_access', 'ro'],
    ])
  })
})

describe('presetPatch', () => {
  it('brings the defaults up to the preset, and then has nothing left to do', () => {
    const config = hardenedFrom({})
    for (const [path, value] of leavesOf(hardened.settings)) {
      expect(valueAt(config, path), path).toEqual(value)
    }
    expect(presetPatch(hardened, config)).toEqual({})
    expect(presetPatch(hardened, DEFAULT_TENANT_CONFIG)).not.toEqual({})
  })

  it('loosens nothing that is stricter already, and keeps what is denied besides', () => {
    const strict = {
      tools: { profile: 'minimal', deny: ['web_fetch', 'group:fs'] },
      autonomy: { level: 'readonly' },
      sandbox: { workspace_access: 'none' },
    }
    const { tools, autonomy, sandbox, gateway } = hardenedFrom(strict)
    expect([tools.profile, autonomy.level, sandbox.workspace_access]).toEqual([
      'minimal',
      'readonly',
      'none',
    ])
    expect(tools.deny).toEqual(['web_fetch', 'group:fs', 'group:runtime', 'group:automation'])
    expect(gateway.injection_action).toBe('block')
  })

  it("tightens what the agents' defaults would loosen again", () => {
    const loose = {
      agents: {
        defaults: {
          autonomy: { level: 'full' },
          exec_approval: { security: 'full' },
          sandbox: { workspace_access: 'none' },
        },
      },
    }
    const { agents } = hardenedFrom(loose)
    expect(agents.defaults).toMatchObject({
      autonomy: { level: 'supervised' },
      exec_approval: { security: 'deny' },
      sandbox: { workspace_access: 'none' },
    })
    expect(hardenedFrom({}).agents.defaults).toEqual({})
  })

  it('has the effect that it says, where the tools read it', () => {
    const before = resolveToolSettings({ config: configOf({}), agent: {} })
    expect([before.autonomy, before.shell.approval.security]).toEqual(['full', 'full'])
    const loose = { agents: { defaults: { autonomy: { level: 'full' } } } }
    const after = resolveToolSettings({ config: hardenedFrom(loose), agent: {} })
    expect([after.autonomy, after.shell.approval.security, after.access]).toEqual([
      'supervised',
      'deny',
      'ro',
    ])
  })
})

describe('loosenedBy', () => {
  it("names an agent's own settings that undo the preset, and no stricter one", () => {
    expect(
      loosenedBy(hardened, {
        autonomy: { level: 'full' },
        exec_approval: { security: 'allowlist', ask: 'always' },
        sandbox: { workspace_access: 'none' },
      }),
    ).toEqual(['exec_approval.security: allowlist', 'autonomy.level: full'])
    expect(loosenedBy(hardened, {})).toEqual([])
  })
})
