import { describe, expect, it } from 'vitest'
import type { Approval } from '../../../src/domain/approval.ts'
import { agentSettingsSchema } from '../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import type { AgentId, RunId, UserId } from '../../../src/domain/ids.ts'
import { shownApproval } from '../../../src/gateway/shown-approval.ts'
import { toWireApproval } from '../../../src/protocol/approval.ts'

const approval = (fields: Partial<Approval> = {}): Approval => ({
  id: 'apr_1',
  agentId: 'agt_1' as AgentId,
  agentKey: 'default',
  sessionKey: 'agent:default:slack:group:C1',
  runId: 'run_1' as RunId,
  callId: 'run_1.1.0',
  tool: 'exec',
  arguments: '{"command":"ls"}',
  cwd: 'src',
  envNames: [],
  access: 'rw',
  network: 'none',
  policyVersion: '1',
  manifestRoot: '',
  standing: null,
  reason: 'exec_approval',
  bindingHash: '',
  status: 'pending',
  requestedBy: 'ann' as UserId,
  sessionOwner: 'group' as UserId,
  decidedBy: null,
  decidedAt: null,
  consumedAt: null,
  createdAt: 0,
  expiresAt: 60_000,
  ...fields,
})
const ofCommand = (command: string, fields: Partial<Approval> = {}) =>
  approval({ arguments: JSON.stringify({ command }), ...fields })

const shown = (asked: Approval, config = {}, settings = {}) =>
  shownApproval(asked, tenantConfigSchema.parse(config), {
    settings: agentSettingsSchema.parse(settings),
  })

describe('a question as it is shown', () => {
  it('is what it was on the wire, and more', () => {
    const asked = ofCommand('touch a && rm b')
    expect(shown(asked)).toMatchObject({ ...toWireApproval(asked), isCut: false })
    expect(shown(asked)).toMatchObject({
      command: 'touch a && rm b',
      cwd: 'src',
      channel: 'slack',
      requestedBy: 'ann',
      sessionOwner: 'group',
      canAlways: false,
      expiresAt: '1970-01-01T00:01:00.000Z',
    })
  })

  it('is read command by command, each with what the lists make of it', () => {
    const config = { tools: { execApproval: { ask: 'on-miss', allowlist: ['make'] } } }
    expect(shown(ofCommand('make && ls | sudo rm "$X" > out'), config).line).toEqual({
      commands: [
        {
          name: 'make',
          args: [],
          wrapper: null,
          isTrusted: true,
          isReadOnly: false,
          isAllowlisted: true,
        },
        expect.objectContaining({ name: 'ls', isReadOnly: true, isAllowlisted: false }),
        expect.objectContaining({ name: 'sudo', wrapper: null }),
        expect.objectContaining({ name: 'rm', args: [null], wrapper: 2, isReadOnly: false }),
      ],
      writesFile: true,
      isCut: false,
    })
  })

  it('names the rule that asks, as it stands for the agent', () => {
    const config = { tools: { execApproval: { ask: 'on-miss' } } }
    expect(shown(approval(), config).rule).toMatchObject({
      name: 'exec_approval',
      security: 'full',
      ask: 'on-miss',
      why: expect.stringContaining('allowlist'),
    })
    expect(shown(approval(), config, { exec_approval: { ask: 'always' } }).rule).toMatchObject({
      ask: 'always',
      why: expect.stringContaining('Every command'),
    })
    const supervised = { autonomy: { level: 'supervised' } }
    expect(shown(approval({ reason: 'autonomy' }), {}, supervised).rule).toMatchObject({
      name: 'autonomy',
      level: 'supervised',
    })
    // Changed since it was asked: no sentence is made up.
    expect(shown(approval()).rule).toMatchObject({ ask: 'off', why: null })
  })

  it('spells every word out, as the command is', () => {
    const { line } = shown(ofCommand('cat "\u202etxt.sh" \u0430'))
    expect(line?.commands[0]?.args).toEqual(['\\u{202e}txt.sh', '\\u{430}'])
  })

  it('says where it leaves something out, and stays short', () => {
    const long = shown(ofCommand(`echo ${'x'.repeat(5_000)}`))
    expect(long.line?.commands[0]?.args[0]).toHaveLength(201)
    expect(long.line?.commands[0]?.args[0]?.endsWith('…')).toBe(true)
    // Half of what a character is spelt as would read as other characters.
    const split = shown(ofCommand(`echo ${'x'.repeat(198)}\u202e${'x'.repeat(50)}`))
    expect(split.line?.commands[0]?.args).toEqual([`${'x'.repeat(198)}…`])
    const wide = shown(ofCommand(`rm ${'a '.repeat(3_000)}`))
    expect([wide.line?.commands[0]?.args.length, wide.line?.isCut]).toEqual([200, true])
    const many = shown(ofCommand(`${'echo some words here; '.repeat(1_000)}`))
    expect(many.line?.isCut).toBe(true)
    expect(JSON.stringify(many.line).length).toBeLessThan(16_000)
  })

  it('has no line for a tool that runs no command, or a text that is none', () => {
    const other = approval({ tool: 'mcp_deploy', arguments: '{"command":"rm -rf /"}' })
    expect(shown(other).line).toBeNull()
    expect(shown(approval({ arguments: '{"command":7}' })).line).toBeNull()
    expect(shown(ofCommand('ls \0')).line).toBeNull()
  })

  it('is there for an agent that is gone', () => {
    expect(shownApproval(approval(), tenantConfigSchema.parse({}), undefined).line).not.toBeNull()
  })
})
