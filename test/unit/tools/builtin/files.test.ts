import { describe, expect, it } from 'vitest'
import { err } from '../../../../src/domain/result.ts'
import { MAX_TOOL_RESULT_BYTES } from '../../../../src/domain/tool.ts'
import { BUILTIN_TOOLS } from '../../../../src/tools/builtin/tools.ts'
import { createMemoryWorkspace, type MemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool } from '../../../support/tool-context.ts'

const run = (
  name: string,
  args: unknown,
  workspace: MemoryWorkspace,
  callId?: string,
  isResumed = false,
) => runTool(name, args, workspace, callId === undefined ? {} : { callId, isResumed })

describe('read_file', () => {
  it('answers a short file as it is', async () => {
    const workspace = createMemoryWorkspace({ 'a.txt': 'one\ntwo\n' })
    expect(await run('read_file', { path: 'a.txt' }, workspace)).toEqual({
      content: 'one\ntwo\n',
      isError: false,
    })
  })

  it('pages by lines and tells where to go on', async () => {
    const workspace = createMemoryWorkspace({ 'a.txt': 'l1\nl2\nl3\nl4\n' })
    const page = await run('read_file', { path: 'a.txt', offset: 2, limit: 2 }, workspace)
    expect(page.content).toBe('l2\nl3\n[Lines 2 to 3 of 4. Continue with offset 4.]')
    const past = await run('read_file', { path: 'a.txt', offset: 9 }, workspace)
    expect(past.content).toContain('has 4 lines')
  })

  it('keeps every page within one tool result, and loses no line over all pages', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i} ${'é'.repeat(i % 40)}`)
    const workspace = createMemoryWorkspace({ 'a.txt': lines.join('\n') })
    const seen: string[] = []
    for (let offset = 1; offset <= lines.length; ) {
      const { content } = await run('read_file', { path: 'a.txt', offset }, workspace)
      expect(new TextEncoder().encode(content).length).toBeLessThanOrEqual(MAX_TOOL_RESULT_BYTES)
      const page = content.split('\n')
      if (page.at(-1)?.startsWith('[Lines')) page.pop()
      seen.push(...page)
      offset += page.length
    }
    expect(seen).toEqual(lines)
  })

  it('cuts a line that is too long, and says so', async () => {
    const workspace = createMemoryWorkspace({ 'a.txt': 'x'.repeat(1_000_000) })
    const { content, isError } = await run('read_file', { path: 'a.txt' }, workspace)
    expect(content.length).toBeLessThan(MAX_TOOL_RESULT_BYTES)
    expect(content).toContain('1000000 characters')
    expect(isError).toBe(false)
  })

  it('refuses a missing file, a binary file and a path that escapes', async () => {
    const workspace = createMemoryWorkspace()
    workspace.write('a.bin', new Uint8Array([1, 0, 255]))
    for (const path of ['none.txt', 'a.bin', '../a', '.edgeclaw/x']) {
      expect((await run('read_file', { path }, workspace)).isError).toBe(true)
    }
  })
})

describe('write_file', () => {
  it('creates and replaces, keeping the mode of what was there', async () => {
    const workspace = createMemoryWorkspace()
    workspace.write('run.sh', 'old', 0o755)
    expect(
      (await run('write_file', { path: 'run.sh', content: 'new' }, workspace)).content,
    ).toMatch(/^Replaced run\.sh \(3 bytes, version [0-9a-f]{32}\)\.$/)
    expect((await run('write_file', { path: 'd/a', content: 'é' }, workspace)).content).toContain(
      'Created d/a (2 bytes',
    )
    const { entries } = await workspace.manifest()
    expect(entries.find(({ path }) => path === 'run.sh')?.mode).toBe(0o755)
    expect(workspace.text('run.sh')).toBe('new')
  })

  it('writes only over the content that was meant, and tells when it changed', async () => {
    const workspace = createMemoryWorkspace({ a: 'old' })
    const [entry] = (await workspace.manifest()).entries
    const ifVersion = entry?.sha256.slice(0, 32)
    const args = { path: 'a', content: 'new', ifVersion }
    const other = { ...args, ifVersion: '0'.repeat(32) }
    expect((await run('write_file', other, workspace)).content).toContain(`version is ${ifVersion}`)
    expect((await run('write_file', { ...args, path: 'b' }, workspace)).isError).toBe(true)
    expect(workspace.commits).toEqual([])
    // What was compared is compared once more where it is written.
    const before = createMemoryWorkspace({ a: 'old' })
    await run('write_file', args, before)
    expect(before.commits[0]?.put[0]?.ifSha256).toBe(entry?.sha256)
    const changed: MemoryWorkspace = {
      ...workspace,
      commit: async () => err({ kind: 'changed_meanwhile', path: 'a' }),
    }
    expect(await run('write_file', args, changed)).toEqual({
      content: 'The file a was changed by someone else meanwhile. Read it again.',
      isError: true,
    })
  })

  it('has one effect when the same call is repeated', async () => {
    const workspace = createMemoryWorkspace()
    await run('write_file', { path: 'a', content: 'first' }, workspace, 'same')
    workspace.write('a', 'by someone else')
    await run('write_file', { path: 'a', content: 'first' }, workspace, 'same')
    expect(workspace.text('a')).toBe('by someone else')
  })

  it('refuses content above the limit, naming it', () => {
    const tool = BUILTIN_TOOLS.find(({ name }) => name === 'write_file')
    const bound = tool?.bind({ path: 'a', content: 'x'.repeat(10 * 1024 * 1024 + 1) })
    expect(bound?.ok === false && bound.error).toContain('10 MB')
  })
})

describe('edit', () => {
  it('replaces the one exact place', async () => {
    const workspace = createMemoryWorkspace({ a: 'one two three' })
    expect((await run('edit', { path: 'a', old: 'two', new: '$& 2' }, workspace)).isError).toBe(
      false,
    )
    expect(workspace.text('a')).toBe('one $& 2 three')
    expect(workspace.commits[0]?.put[0]?.ifSha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('says of an interrupted call that its change may have been made already', async () => {
    const workspace = createMemoryWorkspace({ a: 'one two' })
    const args = { path: 'a', old: 'two', new: '2' }
    await run('edit', args, workspace, 'same')
    expect((await run('edit', args, workspace, 'same', true)).content).toContain('interrupted')
    expect((await run('edit', args, workspace)).content).not.toContain('interrupted')
  })

  it('refuses what occurs never or more than once, overlapping too', async () => {
    const workspace = createMemoryWorkspace({ a: 'aaa b' })
    for (const old of ['c', 'aa', 'a']) {
      expect((await run('edit', { path: 'a', old, new: 'x' }, workspace)).isError).toBe(true)
    }
    expect(workspace.text('a')).toBe('aaa b')
  })

  it('refuses a file that is not the one that was read', async () => {
    const workspace = createMemoryWorkspace({ a: 'one' })
    const args = { path: 'a', old: 'one', new: 'two', ifVersion: 'f'.repeat(32) }
    expect((await run('edit', args, workspace)).content).toContain('was changed')
    expect(workspace.text('a')).toBe('one')
  })
})

describe('list_files', () => {
  const files = { 'b.txt': 'bb', 'a/c.txt': 'c', 'a/d/e.txt': 'e', '.edgeclaw/x': 's' }

  it('lists all, a folder, or one level, and never the reserved folder', async () => {
    const workspace = createMemoryWorkspace(files)
    expect((await run('list_files', {}, workspace)).content).toBe(
      'a/c.txt (1 bytes)\na/d/e.txt (1 bytes)\nb.txt (2 bytes)',
    )
    expect((await run('list_files', { path: 'a/d' }, workspace)).content).toBe(
      'a/d/e.txt (1 bytes)',
    )
    expect((await run('list_files', { recursive: false }, workspace)).content).toBe(
      'a/\nb.txt (2 bytes)',
    )
    expect((await run('list_files', { path: '.edgeclaw' }, workspace)).isError).toBe(true)
  })

  it('tells an empty workspace from a folder that is not there', async () => {
    const workspace = createMemoryWorkspace()
    expect((await run('list_files', {}, workspace)).isError).toBe(false)
    expect((await run('list_files', { path: 'x' }, workspace)).isError).toBe(true)
  })

  it('stops at a readable number of lines, and says how many more there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`f${i}`, '']))
    const { content } = await run('list_files', {}, createMemoryWorkspace(many))
    expect(content.split('\n')).toHaveLength(501)
    expect(content).toContain('[200 more.')
  })
})
