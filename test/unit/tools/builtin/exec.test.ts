import { describe, expect, it } from 'vitest'
import type {
  SandboxExecRequest,
  SandboxExecResult,
  SandboxFailure,
  SandboxPort,
} from '../../../../src/domain/ports/sandbox.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { execTool } from '../../../../src/tools/builtin/exec.ts'
import { effectivePolicy } from '../../../../src/tools/policy.ts'
import type { ToolContext } from '../../../../src/tools/tool.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool } from '../../../support/tool-context.ts'

const RESULT: SandboxExecResult = {
  stdout: '',
  stderr: '',
  exitCode: 0,
  signal: null,
  isTruncated: false,
  isTimedOut: false,
  isOutOfMemory: false,
  durationMs: 1_000,
  conflicts: [],
  replaced: [],
  sawUntrusted: false,
}

async function run(
  args: Record<string, unknown>,
  sandbox: SandboxPort | null,
  onActivity: ToolContext['onActivity'] = () => {},
) {
  const bound = execTool.bind(args)
  if (!bound.ok) throw new Error(bound.error)
  return bound.value.run({
    callId: 'run_1/0/0',
    isResumed: true,
    workspace: createMemoryWorkspace(),
    sandbox,
    web: null,
    search: null,
    hasSeenUntrusted: false,
    access: 'rw',
    policy: effectivePolicy({}),
    signal: new AbortController().signal,
    onActivity,
  })
}

const answering = (result: Partial<SandboxExecResult>): SandboxPort => ({
  exec: async () => ok({ ...RESULT, ...result }),
})

const failing = (failure: SandboxFailure): SandboxPort => ({ exec: async () => err(failure) })

describe('exec', () => {
  it('hands the call on under its own id, and tells when the start is slow', async () => {
    const requests: SandboxExecRequest[] = []
    const activity: unknown[] = []
    const sandbox: SandboxPort = {
      exec: async (request, { onSlow }) => {
        requests.push(request)
        onSlow('the image is being built')
        return ok(RESULT)
      },
    }
    const args = { command: 'ls', cwd: 'sub/./dir', timeout_seconds: 9 }
    await run(args, sandbox, (phase, detail) => activity.push([phase, detail]))
    expect(requests).toEqual([
      {
        execId: 'run_1/0/0',
        isResumed: true,
        command: 'ls',
        cwd: 'sub/dir',
        timeoutSeconds: 9,
        hasSeenUntrusted: false,
      },
    ])
    expect(activity).toEqual([['tool_slow', { reason: 'the image is being built' }]])
  })

  it('is refused without a sandbox', async () => {
    expect(await run({ command: 'ls' }, null)).toEqual({
      content: 'sandbox unavailable: no command can be run now.',
      isError: true,
    })
  })

  it('shows both streams and the exit code', async () => {
    expect(await run({ command: 'x' }, answering({ stdout: 'out\n', stderr: 'err\n' }))).toEqual({
      content: 'out\n[stderr]\nerr\n[exit code 0]',
      isError: false,
    })
    expect((await run({ command: 'x' }, answering({ exitCode: 2 }))).isError).toBe(true)
  })

  it('says when the command was stopped, cut or in conflict', async () => {
    const { content, isError } = await run(
      { command: 'x' },
      answering({
        exitCode: null,
        signal: 'SIGKILL',
        isTimedOut: true,
        isTruncated: true,
        isOutOfMemory: true,
        conflicts: ['a.conflict-1'],
      }),
    )
    for (const words of ['timed out', 'output cut', 'out of memory', 'a.conflict-1', 'SIGKILL']) {
      expect(content).toContain(words)
    }
    expect(isError).toBe(true)
  })

  it('tells every failure in its own words', async () => {
    const message = 'because.'
    const failures: SandboxFailure[] = [
      { kind: 'unavailable', message },
      { kind: 'capacity', message, retryAfterMs: 1_500 },
      { kind: 'refused', message },
      { kind: 'cancelled', message },
      { kind: 'outcome_unknown', message },
      { kind: 'workspace_rejected', message, sawUntrusted: false },
    ]
    const outcomes = await Promise.all(failures.map((each) => run({ command: 'x' }, failing(each))))
    expect(outcomes.every(({ isError }) => isError)).toBe(true)
    expect(new Set(outcomes.map(({ content }) => content)).size).toBe(failures.length)
    expect(outcomes[1]?.content).toContain('2 s')
    expect(outcomes[4]?.content).toContain('unknown')
  })

  it('says for whom it runs: a conversation with text from outside, or one without', async () => {
    const seen: boolean[] = []
    const sandbox: SandboxPort = {
      exec: async ({ hasSeenUntrusted }) => {
        seen.push(hasSeenUntrusted)
        return ok(RESULT)
      },
    }
    for (const hasSeenUntrusted of [true, false]) {
      await runTool('exec', { command: 'x' }, createMemoryWorkspace(), {
        sandbox,
        hasSeenUntrusted,
      })
    }
    expect(seen).toEqual([true, false])
  })

  it.each([
    ['an output', answering({ stdout: 'x', sawUntrusted: true }), { kind: 'file' }],
    ['an output', answering({ stdout: 'x', sawUntrusted: false }), undefined],
    [
      'a refusal',
      failing({ kind: 'workspace_rejected', message: 'x', sawUntrusted: true }),
      { kind: 'file' },
    ],
    [
      'a refusal',
      failing({ kind: 'workspace_rejected', message: 'x', sawUntrusted: false }),
      undefined,
    ],
  ])(
    'marks %s when a labelled file was within reach, not otherwise',
    async (_, sandbox, source) => {
      expect((await run({ command: 'x' }, sandbox)).untrusted).toEqual(source)
    },
  )

  it('returns a memory file that the command replaced, and no other file', async () => {
    const workspace = createMemoryWorkspace({ 'MEMORY.md': 'likes tea', 'a.md': 'a' })
    const { entries } = await workspace.manifest()
    const sandbox = answering({ stdout: 'done\n', replaced: entries })
    const outcome = await runTool('exec', { command: 'x' }, workspace, { sandbox })
    expect(outcome.content).toMatch(/^done\n\[exit code 0\]\n\[MEMORY\.md is .*\n> likes tea$/)
    expect(outcome.untrusted).toBeUndefined()
  })

  it('quotes 8 KB of all memory files that one command replaced, and keeps the rest', async () => {
    const workspace = createMemoryWorkspace({
      'MEMORY.md': 'm'.repeat(6_000),
      'SOUL.md': 's'.repeat(6_000),
      'USER.md': 'u',
    })
    const { entries } = await workspace.manifest()
    const sandbox = answering({ replaced: entries, sawUntrusted: true })
    const outcome = await runTool('exec', { command: 'x' }, workspace, { sandbox })
    const quoted = outcome.content.split('\n').filter((line) => line.startsWith('> '))
    expect(quoted.map((line) => line[2])).toEqual(['m', 's'])
    expect(quoted.reduce((sum, line) => sum + line.length, 0)).toBe(8_192)
    const kept = outcome.content.matchAll(/the whole is in (\S+)\. /g)
    expect([...kept].map(([, path]) => workspace.text(path ?? '')?.[0])).toEqual(['s', 'u'])
    expect(outcome.untrusted).toEqual({ kind: 'file' })
  })

  it('takes no timeout above the ceiling and no empty command', () => {
    expect(execTool.bind({ command: 'x', timeout_seconds: 301 }).ok).toBe(false)
    expect(execTool.bind({ command: 'x', timeout_seconds: 300 }).ok).toBe(true)
    expect(execTool.bind({ command: '' }).ok).toBe(false)
  })
})
