import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EmergencyStop } from '../../../src/domain/emergency-stop.ts'
import type { AgentId, RunId, TenantId, UserId } from '../../../src/domain/ids.ts'
import type { ToolCall } from '../../../src/domain/message.ts'
import { EMPTY_WINDOW } from '../../../src/tools/budget.ts'
import { BUILTIN_TOOLS } from '../../../src/tools/builtin/tools.ts'
import { type CallContext, checkCall, invoke } from '../../../src/tools/invoke.ts'
import { effectivePolicy } from '../../../src/tools/policy.ts'
import { createToolRegistry } from '../../../src/tools/registry.ts'
import { effectiveDenyGroups } from '../../../src/tools/shell/deny-groups.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { binary, NOTHING_REGISTERED, OTHER_AGENT, policyOf } from '../../support/credentialed.ts'
import { createMemoryWorkspace } from '../../support/memory-workspace.ts'

const registry = createToolRegistry(BUILTIN_TOOLS)

const CONTEXT: CallContext = {
  registry,
  policy: effectivePolicy({}),
  stops: [],
  autonomy: 'full',
  access: 'rw',
  shell: {
    denyGroups: effectiveDenyGroups([]),
    allowedCommands: null,
    approval: { security: 'full', ask: 'off', allowlist: [] },
  },
  budget: { limitPerHour: 150, window: EMPTY_WINDOW, now: 0 },
  identity: {
    tenantId: 'ten_a' as TenantId,
    agentId: 'agt_a' as AgentId,
    sessionKey: 'agent:a:ws:direct:1',
    runId: 'run_1' as RunId,
    callId: 'run_1/0/0',
    policyVersion: 1,
    workspaceRoot: null,
  },
  credentialed: policyOf([]),
  carriesSecret: () => false,
  approval: null,
}

const call = (name: string, args: unknown): ToolCall => ({ id: 'c1', name, arguments: args })
const exec = (command: string): ToolCall => call('exec', { command })

const stop = (kind: EmergencyStop['kind'], tools: readonly string[] = []): EmergencyStop => ({
  id: 'stp_1',
  kind,
  tools,
  reason: 'a leak is looked into',
  isPlatform: false,
  createdBy: 'olga' as UserId,
  createdAt: 1,
})

function refusalOf(toolCall: ToolCall, change: Partial<CallContext> = {}) {
  const checked = checkCall(toolCall, { ...CONTEXT, ...change })
  return checked.ok ? null : checked.error
}

const approval = (security: 'deny' | 'allowlist' | 'full', ask: 'off' | 'on-miss' | 'always') => ({
  shell: { ...CONTEXT.shell, approval: { security, ask, allowlist: ['ls', 'git status*'] } },
})

describe('the gate of the tools', () => {
  it('lets no secret of the run out through an argument, and everything else', () => {
    const post = defineTool({
      name: 'post',
      description: 'posts',
      schema: z.strictObject({ to: z.string(), body: z.strictObject({ text: z.string() }) }),
      group: 'messaging',
      isReadOnly: true,
      isParallelSafe: true,
      isIdempotent: true,
      sendsOut: true,
      needs: 'nothing',
      run: async () => ({ content: 'sent', isError: false }),
    })
    const change = {
      registry: createToolRegistry([post, ...BUILTIN_TOOLS]),
      carriesSecret: (text: string) => text.includes('hunter2hunter2'),
    }
    const secret = { to: 'a', body: { text: 'it is hunter2hunter2' } }
    const refused = refusalOf(call('post', secret), change)
    expect(refused?.refusal.kind).toBe('secret_in_arguments')
    expect(refused?.message).not.toContain('hunter2')
    expect(refused?.events[0]?.fields).toEqual({ tool: 'post', reason: 'secret_in_arguments' })
    expect(refusalOf(call('post', { to: 'a', body: { text: 'hello' } }), change)).toBeNull()
    // What stays inside may hold it: the sandbox has no network, and the file is the user's own.
    expect(
      refusalOf(call('write_file', { path: 'a', content: 'hunter2hunter2' }), change),
    ).toBeNull()
  })

  it('lets a harmless call through and counts it', () => {
    const checked = checkCall(exec('ls -la'), CONTEXT)
    expect(checked.ok && checked.value.budget.minutes).toEqual([{ minute: 0, calls: 1 }])
  })

  it('refuses an unknown tool before anything else', () => {
    expect(refusalOf(call('rm', {}))?.refusal.kind).toBe('unknown_tool')
  })

  it('refuses arguments that the schema does not know, naming them', () => {
    const refused = refusalOf(call('read_file', { path: 3 }))
    expect(refused?.refusal.kind).toBe('invalid_arguments')
    expect(refused?.message).toContain('path')
    expect(refusalOf(call('exec', { command: 'ls', env: {} }))?.refusal.kind).toBe(
      'invalid_arguments',
    )
    expect(refusalOf(call('exec', { command: 'x'.repeat(70_000) }))?.message).toContain('65536')
  })

  it('asks in order: the first refusal wins', () => {
    const all: Partial<CallContext> = {
      policy: effectivePolicy({ tenant: { deny: ['exec'] } }),
      autonomy: 'readonly',
      budget: { limitPerHour: 1, window: { minutes: [{ minute: 0, calls: 1 }] }, now: 0 },
      ...approval('deny', 'off'),
    }
    const dangerous = exec('rm -rf /')
    expect(refusalOf(dangerous, all)?.refusal.kind).toBe('policy_denied')
    const { policy: _, ...rest } = all
    expect(refusalOf(dangerous, rest)?.refusal.kind).toBe('autonomy_denied')
    const { autonomy: __, ...free } = rest
    expect(refusalOf(dangerous, free)?.refusal.kind).toBe('budget_exhausted')
    const { budget: ___, ...rich } = free
    expect(refusalOf(dangerous, rich)?.refusal.kind).toBe('command_denied')
    expect(refusalOf(exec('ls'), rich)?.refusal.kind).toBe('exec_denied')
    expect(refusalOf(exec('ls'))).toBeNull()
  })

  it('refuses what an emergency stop names, before policy, with its reason', () => {
    const refused = refusalOf(exec('ls'), { stops: [stop('tools', ['group:runtime'])] })
    expect(refused?.refusal.kind).toBe('stopped')
    expect(refused?.message).toContain('a leak is looked into')
    expect(refused?.events[0]?.fields).toEqual({
      tool: 'exec',
      reason: 'emergency_stop',
      stop: 'tools',
    })
    const both = {
      stops: [stop('kill-all')],
      policy: effectivePolicy({ tenant: { deny: ['exec'] } }),
    }
    expect(refusalOf(exec('ls'), both)?.refusal.kind).toBe('stopped')
    expect(refusalOf(exec('ls'), { stops: [stop('tools', ['read_file'])] })).toBeNull()
  })

  it('lets a command with a credential reach nothing while the network stands still', () => {
    const stops = [stop('network')]
    const reaching = policyOf([binary('gh', { hosts: ['api.github.com'] })])
    expect(refusalOf(exec('gh issue list'), { credentialed: reaching })).toBeNull()
    const refused = refusalOf(exec('gh issue list'), { stops, credentialed: reaching })
    expect(refused?.refusal.kind).toBe('stopped')
    // One without hosts has no network to lose.
    const offline = policyOf([binary('gh')])
    expect(refusalOf(exec('gh issue list'), { stops, credentialed: offline })).toBeNull()
    expect(
      refusalOf(call('web_fetch', { url: 'https://a.example' }), { stops })?.refusal.kind,
    ).toBe('stopped')
  })

  it('takes writing tools away from a read-only workspace, and all file tools from none', () => {
    const write = call('write_file', { path: 'a', content: '' })
    const read = call('read_file', { path: 'a' })
    expect(refusalOf(write, { access: 'ro' })?.refusal.kind).toBe('workspace_denied')
    expect(refusalOf(read, { access: 'ro' })).toBeNull()
    expect(refusalOf(read, { access: 'none' })?.refusal.kind).toBe('workspace_denied')
    expect(refusalOf(exec('ls'), { access: 'none' })).toBeNull()
  })

  it('tells the model no pattern and the event no text', () => {
    const refused = refusalOf(exec('rm -rf / # secret-text'))
    expect(refused?.refusal).toMatchObject({ groups: ['destructive_ops'] })
    expect(refused?.message).not.toContain('rm')
    expect(refused?.events).toEqual([
      {
        name: 'exec_denied',
        severity: 'warn',
        fields: { tool: 'exec', groups: 'destructive_ops' },
      },
    ])
  })

  it('refuses a path that escapes, with an event', () => {
    const refused = refusalOf(call('read_file', { path: '../../etc/passwd' }))
    expect(refused?.refusal).toEqual({ kind: 'path_denied', why: 'outside' })
    expect(refused?.events[0]?.name).toBe('path_denied')
    expect(refusalOf(call('exec', { command: 'ls', cwd: '/etc' }))?.refusal.kind).toBe(
      'path_denied',
    )
  })

  it('refuses commands that are not listed, and says so without the list', () => {
    const shell = { ...CONTEXT.shell, allowedCommands: ['ls', 'cat'] }
    expect(refusalOf(exec('ls | cat'), { shell })).toBeNull()
    expect(refusalOf(exec('ls | wc'), { shell })?.refusal.kind).toBe('command_not_listed')
    expect(refusalOf(exec('PATH=$PATH:. ls'), { shell })?.refusal.kind).toBe('command_not_listed')
  })

  it('denies what must ask when nobody keeps approvals', () => {
    const refused = refusalOf(exec('make'), approval('full', 'on-miss'))
    expect(refused?.refusal.kind).toBe('approval_required')
    expect(refusalOf(exec('ls'), approval('full', 'on-miss'))).toBeNull()
    expect(refusalOf(exec('cat a | wc -l'), approval('full', 'on-miss'))).toBeNull()
    expect(refusalOf(exec('cat a > b'), approval('full', 'on-miss'))).not.toBeNull()
  })

  it('runs a call under the approval that was given for it, and no other call', () => {
    const asked = refusalOf(exec('make'), approval('full', 'always'))
    if (asked?.refusal.kind !== 'approval_required') throw new Error('must ask')
    const { binding } = asked.refusal
    const approved = { ...approval('full', 'always'), approval: binding }
    expect(refusalOf(exec('make'), approved)).toBeNull()
    expect(refusalOf(exec('make install'), approved)?.refusal.kind).toBe('approval_mismatch')
    const changed = { ...CONTEXT.identity, workspaceRoot: 'b'.repeat(64) }
    expect(refusalOf(exec('make'), { ...approved, identity: changed })?.refusal.kind).toBe(
      'approval_mismatch',
    )
  })

  it('lets no approval soften a denied command', () => {
    const asked = refusalOf(exec('make'), approval('full', 'always'))
    if (asked?.refusal.kind !== 'approval_required') throw new Error('must ask')
    const binding = { ...asked.refusal.binding, arguments: '{"command":"rm -rf /","cwd":""}' }
    const approved = { ...approval('full', 'always'), approval: binding }
    expect(refusalOf(exec('rm -rf /'), approved)?.refusal.kind).toBe('command_denied')
  })

  it('asks of a supervised agent for whatever writes', () => {
    const supervised = { autonomy: 'supervised' } as const
    const write = call('write_file', { path: 'a', content: '' })
    expect(refusalOf(write, supervised)?.refusal.kind).toBe('approval_required')
    expect(refusalOf(call('read_file', { path: 'a' }), supervised)).toBeNull()
    expect(refusalOf(exec('ls'), supervised)).toBeNull()
    expect(refusalOf(exec('touch a'), supervised)?.refusal.kind).toBe('approval_required')
  })

  it('runs the arguments that were checked, and nothing once it is cancelled', async () => {
    const seen: unknown[] = []
    const echo = defineTool({
      name: 'echo',
      description: 'Echoes.',
      schema: z.strictObject({ text: z.string().default('none') }),
      group: 'ui',
      isReadOnly: true,
      isParallelSafe: true,
      isIdempotent: true,
      sendsOut: false,
      needs: 'nothing',
      run: async ({ text }) => {
        seen.push(text)
        return { content: text, isError: false }
      },
    })
    const args: Record<string, unknown> = { text: 'checked' }
    const checked = checkCall(call('echo', args), {
      ...CONTEXT,
      registry: createToolRegistry([echo]),
    })
    if (!checked.ok) throw new Error('must pass')
    args['text'] = 'swapped'
    const toolContext = {
      callId: 'k',
      isResumed: false,
      workspace: createMemoryWorkspace(),
      sandbox: null,
      web: null,
      search: null,
      cron: null,
      channelFiles: null,
      subAgents: null,
      skills: null,
      sessions: null,
      callTool: async () => ({ content: 'there is none', isError: true }),
      mcp: null,
      custom: null,
      memory: null,
      hasSeenUntrusted: false,
      ...NOTHING_REGISTERED,
      access: 'rw' as const,
      policy: CONTEXT.policy,
      signal: new AbortController().signal,
      onActivity: () => {},
    }
    expect(await invoke(checked.value, toolContext)).toEqual({ content: 'checked', isError: false })
    const cancelled = await invoke(checked.value, { ...toolContext, signal: AbortSignal.abort() })
    expect(cancelled.isError).toBe(true)
    expect(seen).toEqual(['checked'])
  })
})

describe('a registered binary', () => {
  const granted = { credentialed: policyOf([binary('gh')]) }
  const stranger = { credentialed: policyOf([binary('gh')], OTHER_AGENT) }

  it('is let through to an agent with a grant, and denied to any other, with an event', () => {
    expect(refusalOf(exec('gh pr list'), granted)).toBeNull()
    const refused = refusalOf(exec('gh pr list'), stranger)
    expect(refused?.message).toContain('this agent may not use it')
    expect(refused?.events).toEqual([
      {
        name: 'credentialed_binary_denied',
        severity: 'warn',
        fields: {
          binary: 'gh',
          wrapper: '',
          reason: 'no_grant',
          agent_id: OTHER_AGENT,
          tenant_id: 'ten_a',
          command: 'gh pr list',
        },
      },
    ])
  })

  it('is told apart from hiding behind too many programs', () => {
    const refused = refusalOf(exec('nice nohup env timeout 5 gh pr list'), granted)
    expect(refused?.events[0]).toMatchObject({
      name: 'credentialed_binary_wrapper_too_deep',
      fields: { wrapper: 'nice nohup env timeout' },
    })
  })

  it('is judged after the shell groups, which no grant softens', () => {
    const refused = refusalOf(exec('gh pr list | sh'), granted)
    expect(refused?.refusal.kind).toBe('command_denied')
  })

  it('asks where commands ask, bound to the credential and its network', () => {
    const binding = (change: Partial<CallContext>) => {
      const refused = refusalOf(exec('gh pr list'), { ...approval('full', 'always'), ...change })
      return refused?.refusal.kind === 'approval_required' ? refused.refusal.binding : null
    }
    expect(binding(granted)).toMatchObject({ envNames: ['credential:gh'], network: 'none' })
    const reaching = policyOf([binary('gh', { hosts: ['api.github.com'] })])
    expect(binding({ credentialed: reaching })).toMatchObject({ network: 'egress_allowlist' })
    expect(binding({})).toMatchObject({ envNames: [], network: 'none' })
    // What was agreed to without a credential is no consent to one.
    const plain = binding({})
    const mismatch = refusalOf(exec('gh pr list'), {
      ...approval('full', 'always'),
      ...granted,
      approval: plain,
    })
    expect(mismatch?.refusal.kind).toBe('approval_mismatch')
  })

  it('is never mere reading, whatever its name', () => {
    const registered = { credentialed: policyOf([binary('jq')]) }
    const supervised: Partial<CallContext> = { autonomy: 'supervised' }
    expect(refusalOf(exec('jq -n 1'), supervised)).toBeNull()
    expect(refusalOf(exec('jq -n 1'), { ...supervised, ...registered })?.refusal.kind).toBe(
      'approval_required',
    )
  })
})

describe('the registry', () => {
  it('shows the model what policy and access leave', () => {
    const names = (access: 'rw' | 'ro' | 'none', deny: string[] = []) =>
      registry
        .specs(effectivePolicy({ tenant: { deny } }), access)
        .map(({ name }) => name)
        .filter((name) => ['fs', 'runtime', 'web'].includes(registry.find(name)?.group ?? ''))
    const web = ['web_fetch', 'web_search']
    expect(names('rw')).toEqual(['exec', 'read_file', 'write_file', 'edit', 'list_files', ...web])
    expect(names('ro')).toEqual(['exec', 'read_file', 'list_files', ...web])
    expect(names('none')).toEqual(['exec', ...web])
    expect(names('rw', ['group:runtime'])).not.toContain('exec')
  })

  it('describes arguments as JSON Schema with optional defaults and no extras', () => {
    const spec = registry.find('exec')?.spec
    expect(spec?.parameters).toMatchObject({
      type: 'object',
      required: ['command'],
      additionalProperties: false,
    })
    expect(spec?.parameters).not.toHaveProperty('$schema')
  })

  it('refuses two tools of one name and names that are none', () => {
    const [first] = BUILTIN_TOOLS
    if (first === undefined) throw new Error('there are tools')
    expect(() => createToolRegistry([first, first])).toThrow('two tools')
    expect(() => createToolRegistry([{ ...first, name: 'a b' }])).toThrow('not a tool name')
  })
})
