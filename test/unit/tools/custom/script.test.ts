import { describe, expect, it } from 'vitest'
import type { CustomTool } from '../../../../src/domain/custom-tool.ts'
import type { CustomToolPort } from '../../../../src/domain/ports/custom-tools.ts'
import type { SandboxExecRequest, SandboxPort } from '../../../../src/domain/ports/sandbox.ts'
import { ok } from '../../../../src/domain/result.ts'
import { createCustomTool } from '../../../../src/tools/custom/tool.ts'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { NOTHING_REGISTERED } from '../../../support/credentialed.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { toolContext } from '../../../support/tool-context.ts'

const SECRET = 'token-0123456789abcdef'

const script = (command: string): CustomTool => ({
  id: 'ctl_1',
  name: 'custom_report',
  description: 'makes a report',
  kind: 'script',
  group: 'runtime',
  allowedAgents: ['*'],
  parameters: { type: 'object', properties: { title: { type: 'string' }, rows: {} } },
  origin: null,
  request: null,
  command,
  timeoutSeconds: 20,
  sealedHeaders: null,
  sealedEnv: 'aes-gcm:env',
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
})

const custom: CustomToolPort = {
  send: async () => ({ content: 'sent', isError: false }),
  open: async () =>
    ok({ env: { REPORT_TOKEN: SECRET }, isIn: (text: string) => text.includes(SECRET) }),
}

function bound(command: string, args: unknown) {
  const result = createCustomTool(script(command)).bind(args)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

const guard = (command: string) =>
  bound(command, {}).guard({
    access: 'rw',
    shell: {
      denyGroups: effectiveDenyGroups([]),
      allowedCommands: null,
      approval: { security: 'full', ask: 'off', allowlist: [] } as never,
    },
    credentialed: NOTHING_REGISTERED.credentialed,
  })

async function run(command: string, args: unknown) {
  const asked: SandboxExecRequest[] = []
  const sandbox: SandboxPort = {
    exec: async (request) => {
      asked.push(request)
      return ok({
        stdout: 'done',
        stderr: '',
        exitCode: 0,
        signal: null,
        isTruncated: false,
        isTimedOut: false,
        isOutOfMemory: false,
        durationMs: 1,
        conflicts: [],
        replaced: [],
        sawUntrusted: false,
      })
    },
  }
  const context = toolContext(createMemoryWorkspace(), { sandbox, custom })
  const outcome = await bound(command, args).run(context)
  return { outcome, asked }
}

describe('the command of a custom tool', () => {
  it('gets arguments and variables as its environment, and nothing of them as code', async () => {
    const title = '"; rm -rf / #$(id)`id`\n'
    const { outcome, asked } = await run('printf %s "$ARG_title"', { title, rows: [1] })
    expect(outcome).toMatchObject({ isError: false })
    const [request] = asked
    expect(request?.credentialed?.argv).toEqual([
      '/bin/bash',
      '--noprofile',
      '--norc',
      '-c',
      'printf %s "$ARG_title"',
      'custom_report',
    ])
    expect(request?.credentialed?.env).toEqual({
      ARG_title: title,
      ARG_rows: '[1]',
      ARGS_JSON: JSON.stringify({ title, rows: [1] }),
      REPORT_TOKEN: SECRET,
    })
    // No network, and no file with a value of it comes back.
    expect(request?.credentialed?.hosts).toEqual([])
    expect(request?.credentialed?.isSecretIn(`x ${SECRET}`)).toBe(true)
  })

  it('is not run with what no variable can hold', async () => {
    for (const title of ['a\0b', 'x'.repeat(40_000), '\ud800']) {
      const { outcome, asked } = await run('true', { title })
      expect(outcome.isError).toBe(true)
      expect(asked).toEqual([])
    }
  })

  it('cannot take a variable’s place with an argument', async () => {
    const { asked } = await run('true', { title: 'x', REPORT_TOKEN: 'mine', LD_PRELOAD: 'y' })
    expect(asked[0]?.credentialed?.env).toMatchObject({ REPORT_TOKEN: SECRET })
    expect(asked[0]?.credentialed?.env).not.toHaveProperty('LD_PRELOAD')
  })

  it.each(['nmap 192.0.2.1', 'eval "$ARG_title"', 'bash -c "$ARG_title"', '$ARG_title', 'env'])(
    'passes the same gate as any other: %s',
    (command) => {
      expect(guard(command)).toMatchObject({ ok: false, error: { kind: 'command_denied' } })
    },
  )

  it('is never mere reading, and no standing approval stands for it', () => {
    expect(guard('ls')).toMatchObject({
      ok: true,
      value: { isReadOnly: false, standing: null, commands: [{}] },
    })
  })

  it('says so where nothing can be run', async () => {
    const context = toolContext(createMemoryWorkspace(), { custom })
    const outcome = await bound('true', {}).run(context)
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.content).toContain('sandbox unavailable')
  })
})
