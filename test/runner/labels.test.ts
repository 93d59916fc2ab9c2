/** What a command saw of files with text from outside, and how it labels what it writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxExecRequest, SandboxPort } from '../../src/domain/ports/sandbox.ts'
import type { WorkspaceAccess } from '../../src/isolation/confine.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { createMemoryWorkspace, type MemoryWorkspace } from '../support/memory-workspace.ts'
import { ensureImage, missingEngine, type RunnerProcess, startRunner } from './runner-process.ts'

const missing = await missingEngine()

describe.skipIf(missing !== null)('a command and text from outside', () => {
  let runner: RunnerProcess
  let serial = 0
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const sandboxOn = (
    workspace: MemoryWorkspace,
    { access }: { access: WorkspaceAccess } = { access: 'rw' },
  ): SandboxPort =>
    createRunnerSandbox({
      runners: [runner.endpoint],
      signKey: runner.signKey,
      fetch: (input, init) => fetch(input, init),
      workspace,
      tenant: 'ten_a',
      session: 'agent:main:ws:direct:labels',
      workspaceId: 'ten_a/agt_1/user',
      access,
      scope: 'session',
      limits: CEILINGS,
      now: Date.now,
    })

  const exec = (sandbox: SandboxPort, command: string, more: Partial<SandboxExecRequest> = {}) =>
    sandbox.exec(
      {
        execId: `exec-label-${++serial}`,
        command,
        cwd: '',
        isResumed: false,
        hasSeenUntrusted: false,
        ...more,
      },
      { signal: new AbortController().signal, onSlow: () => {} },
    )

  const labelsOf = async (workspace: MemoryWorkspace) =>
    Object.fromEntries(
      (await workspace.manifest()).entries.map(({ path, isUntrusted }) => [path, isUntrusted]),
    )
  const withPage = (): MemoryWorkspace => {
    const workspace = createMemoryWorkspace({ 'own.txt': 'own' })
    workspace.write('page.txt', 'page', 0o644, true)
    return workspace
  }

  it('marks what a command answers and writes where it could read a labelled file', async () => {
    const workspace = withPage()
    const result = await exec(sandboxOn(workspace), 'cat p*; cp page.txt new; mv own.txt moved')
    expect(result).toMatchObject({ value: { stdout: 'page', sawUntrusted: true } })
    expect(await labelsOf(workspace)).toEqual({ 'page.txt': true, new: true, moved: true })
  })

  it('labels the files alone where the conversation holds it and the workspace does not', async () => {
    const workspace = createMemoryWorkspace({ 'own.txt': 'own', 'kept.txt': 'kept' })
    const more = { hasSeenUntrusted: true }
    const result = await exec(sandboxOn(workspace), 'echo x >> own.txt; echo y > new', more)
    expect(result).toMatchObject({ value: { sawUntrusted: false } })
    expect(await labelsOf(workspace)).toEqual({ 'own.txt': true, new: true, 'kept.txt': false })
  })

  it('labels nothing where neither does', async () => {
    const workspace = createMemoryWorkspace({ 'own.txt': 'own' })
    const result = await exec(sandboxOn(workspace), 'cat own.txt; echo y > new')
    expect(result).toMatchObject({ value: { sawUntrusted: false } })
    expect(await labelsOf(workspace)).toEqual({ 'own.txt': false, new: false })
  })

  it('asks what a command is shown: all of it with ro, nothing of it with none', async () => {
    for (const [access, sawUntrusted] of [
      ['ro', true],
      ['none', false],
    ] as const) {
      const result = await exec(sandboxOn(withPage(), { access }), 'echo hi')
      expect(result).toMatchObject({ value: { stdout: 'hi\n', sawUntrusted } })
    }
  })

  it('takes a resumed command’s files for labelled where they were others than now', async () => {
    const workspace = withPage()
    const more = { execId: 'exec-late', isResumed: false }
    await exec(sandboxOn(workspace), 'cat page.txt', more)
    workspace.write('page.txt', 'my own summary')
    const late = await exec(sandboxOn(workspace), 'cat page.txt', { ...more, isResumed: true })
    expect(late).toMatchObject({ value: { stdout: 'page', sawUntrusted: true } })
    const anew = await exec(sandboxOn(workspace), 'cat page.txt')
    expect(anew).toMatchObject({ value: { stdout: 'my own summary', sawUntrusted: false } })
  })

  it('marks a refusal, which may name what the command made', async () => {
    const command = 'mkdir .edgeclaw; echo x > .edgeclaw/x'
    for (const [workspace, sawUntrusted] of [
      [withPage(), true],
      [createMemoryWorkspace({ a: 'a' }), false],
    ] as const) {
      const error = { kind: 'workspace_rejected', sawUntrusted }
      expect(await exec(sandboxOn(workspace), command)).toMatchObject({ ok: false, error })
    }
  })

  it('tells which files the command replaced, as they were', async () => {
    const workspace = createMemoryWorkspace({ 'MEMORY.md': 'likes tea', a: 'a' })
    const { entries } = await workspace.manifest()
    const result = await exec(sandboxOn(workspace), 'echo x > MEMORY.md; chmod 755 a')
    const replaced = entries.filter(({ path }) => path === 'MEMORY.md')
    expect(result).toMatchObject({ value: { replaced } })
  })
})
