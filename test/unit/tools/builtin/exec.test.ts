import { describe, expect, it } from 'vitest'
import type {
  SandboxExecRequest,
  SandboxExecResult,
  SandboxFailure,
  SandboxPort,
} from '../../../../src/domain/ports/sandbox.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { execTool } from '../../../../src/tools/builtin/exec.ts'
import type { CredentialPort } from '../../../../src/tools/credentialed/port.ts'
import { effectivePolicy } from '../../../../src/tools/policy.ts'
import type { ToolContext } from '../../../../src/tools/tool.ts'
import { binary, NOTHING_REGISTERED, policyOf } from '../../../support/credentialed.ts'
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
  registered: Pick<ToolContext, 'credentialed' | 'credentials'> = NOTHING_REGISTERED,
  isResumed = true,
) {
  const bound = execTool.bind(args)
  if (!bound.ok) throw new Error(bound.error)
  return bound.value.run({
    callId: 'run_1/0/0',
    isResumed,
    workspace: createMemoryWorkspace(),
    sandbox,
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
    ...registered,
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

const runAnew = (sandbox: SandboxPort) =>
  run({ command: 'x' }, sandbox, () => {}, NOTHING_REGISTERED, false)

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

  it('tells failures in whole sentences, and that nothing of the changes was kept', async () => {
    const lost: SandboxFailure = { kind: 'outcome_unknown', message: 'the runner was stopped' }
    const [unknown, busy, cancelled] = await Promise.all(
      [
        lost,
        { kind: 'capacity', message: 'all in use', retryAfterMs: 1_000 } as const,
        { kind: 'cancelled', message: 'the command was cancelled' } as const,
      ].map(async (each) => (await runAnew(failing(each))).content),
    )
    expect(unknown).toContain('the runner was stopped. None of its changes to the workspace were ')
    expect(busy).toBe('sandbox busy: all in use. Try again in 1 s.')
    expect(cancelled).toBe(
      'The command was cancelled. None of its changes to the workspace were kept.',
    )
    // Before it was cut off, a run may have kept them.
    const resumed = await run({ command: 'x' }, failing(lost))
    expect(resumed.content).not.toContain('None of its changes')
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

describe('exec of a registered binary', () => {
  const opening = (result: Awaited<ReturnType<CredentialPort['open']>>) => ({
    credentialed: policyOf([binary('gh', { timeoutSeconds: 20 })]),
    credentials: { open: async () => result },
  })
  const opened = opening(
    ok({ env: { GH_TOKEN: 'hunter2', PAGER: 'evil' }, isIn: (text) => text.includes('hunter2') }),
  )

  async function requestOf(args: Record<string, unknown>, registered = opened) {
    const requests: SandboxExecRequest[] = []
    const sandbox: SandboxPort = {
      exec: async (request) => {
        requests.push(request)
        return ok(RESULT)
      },
    }
    const outcome = await run(args, sandbox, undefined, registered)
    return { outcome, request: requests[0] }
  }

  it('runs as arguments with its environment, for no longer than it may', async () => {
    const { request } = await requestOf({ command: 'gh pr list', timeout_seconds: 90 })
    expect(request).toMatchObject({
      timeoutSeconds: 20,
      credentialed: { argv: ['/usr/bin/gh', 'pr', 'list'], hosts: [] },
    })
    // The pins stand over whatever the credential says.
    expect(request?.credentialed?.env).toMatchObject({ GH_TOKEN: 'hunter2', PAGER: 'cat' })
    expect((await requestOf({ command: 'gh x', timeout_seconds: 9 })).request?.timeoutSeconds).toBe(
      9,
    )
  })

  it('looks at the files that the container gets', async () => {
    const { request } = await requestOf({ command: 'gh pr list' })
    const sha256 = 'a'.repeat(64)
    const entry = (path: string, size = 10) => ({
      path,
      sha256,
      size,
      mode: 0o644,
      isUntrusted: false,
    })
    const admit = (...entries: ReturnType<typeof entry>[]) =>
      request?.credentialed?.admit({ root: 'r', entries })
    expect(await admit(entry('a.txt'))).toBeNull()
    // Not to be read: the workspace lacks that content.
    expect(await admit(entry('.git/HEAD'), entry('.git/config'))).toContain('.git/config')
  })

  it('starts nothing when its credential does not open', async () => {
    const { request, outcome } = await requestOf(
      { command: 'gh pr list' },
      opening(err('Try again.')),
    )
    expect(request).toBeUndefined()
    expect(outcome).toEqual({ content: 'Try again.', isError: true })
  })

  it('is judged by the registry of the moment it starts', async () => {
    const revoked = { ...opened, credentialed: policyOf([binary('gh', { grants: [] })]) }
    const { request, outcome } = await requestOf({ command: 'gh pr list' }, revoked)
    expect(request).toBeUndefined()
    expect(outcome.content).toContain('gh was not run')
  })

  it('marks what a network answered, and what was written out of it', async () => {
    const reaching = {
      ...opened,
      credentialed: policyOf([binary('gh', { hosts: ['api.github.com'] })]),
    }
    const { request, outcome } = await requestOf({ command: 'gh pr list' }, reaching)
    expect(request?.credentialed?.hosts).toEqual(['api.github.com'])
    expect([outcome.untrusted, request?.hasSeenUntrusted]).toEqual([{ kind: 'web' }, true])
    const psql = {
      ...opened,
      credentialed: policyOf([binary('psql', { hosts: ['db.example.org'] })]),
    }
    const asked = await requestOf({ command: "psql -c 'select 1'" }, psql)
    expect(asked.request?.credentialed?.hosts).toEqual(['db.example.org:5432'])
    const offline = await requestOf({ command: 'gh pr list' })
    expect([offline.outcome.untrusted, offline.request?.hasSeenUntrusted]).toEqual([
      undefined,
      false,
    ])
  })

  it('shows no word that the limit has cut: it may be half of the credential', async () => {
    const cut = answering({ stdout: 'a line\n0123456 hunter', isTruncated: true })
    const args = { command: 'gh pr list' }
    const { content } = await run(args, cut, undefined, opened)
    expect(content).toContain('0123456')
    expect(content).toContain('[output cut')
    expect(content).not.toContain('hunter')
    const long = answering({ stdout: 'x'.repeat(100_000), isTruncated: true })
    expect((await run(args, long, undefined, opened)).content.length).toBeLessThan(84_000)
    const whole = answering({ stdout: 'the end' })
    expect((await run(args, whole, undefined, opened)).content).toContain('the end')
    expect((await run({ command: 'ls' }, cut)).content).toContain('hunter')
  })

  it('leaves every other command without any environment', async () => {
    const { request } = await requestOf({ command: 'ls' })
    expect(request).not.toHaveProperty('credentialed')
  })
})
