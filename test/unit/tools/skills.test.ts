import { describe, expect, it } from 'vitest'
import type { LoadedSkill, SkillsPort } from '../../../src/domain/ports/skills.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { BUILTIN_TOOLS } from '../../../src/tools/builtin/tools.ts'
import { SKILL_TOOLS } from '../../../src/tools/skills/tools.ts'
import { createMemoryWorkspace, type MemoryWorkspace } from '../../support/memory-workspace.ts'
import { toolContext } from '../../support/tool-context.ts'

const review: LoadedSkill = {
  name: 'review',
  description: 'Reviews code of Ångström.',
  version: 3,
  body: '# Review\n\nRead it all.',
  files: [
    { path: 'check.sh', content: 'echo checked' },
    { path: 'notes/style.md', content: 'two spaces' },
  ],
}
const plain: LoadedSkill = { ...review, name: 'code-names', description: 'Finds names.', files: [] }

const portOf = (...skills: readonly LoadedSkill[]): SkillsPort => ({
  list: () => skills,
  load: async (name) => {
    const found = skills.find((skill) => skill.name === name)
    return found === undefined ? err('not_found') : ok(found)
  },
})

const run = (name: string, args: unknown, setup: Parameters<typeof toolContext>[1] = {}) => {
  const workspace = createMemoryWorkspace()
  return runIn(workspace, name, args, setup)
}
function runIn(
  workspace: MemoryWorkspace,
  name: string,
  args: unknown,
  setup: Parameters<typeof toolContext>[1] = {},
) {
  const bound = SKILL_TOOLS.find((tool) => tool.name === name)?.bind(args)
  if (!bound?.ok) throw new Error(`bad arguments for ${name}`)
  return bound.value.run(toolContext(workspace, { skills: portOf(review, plain), ...setup }))
}

describe('skill_search', () => {
  it('finds by any word, names before descriptions', async () => {
    const { content } = await run('skill_search', { query: 'CODE nothing' })
    expect(content).toBe('- code-names: Finds names.\n- review: Reviews code of Ångström.')
    expect((await run('skill_search', { query: 'ångström' })).content).toContain('review')
    expect((await run('skill_search', { query: 'zebra' })).content).toBe('No skill was found.')
    expect((await run('skill_search', {})).content.split('\n')).toHaveLength(2)
    expect((await run('skill_search', { limit: 1 })).content.split('\n')).toHaveLength(1)
  })
})

describe('skill_load', () => {
  it('tells what the skill says as the own text of the tenant, and which files it has', async () => {
    const loaded = await run('skill_load', { name: 'review' })
    expect(loaded).toMatchObject({ isError: false })
    expect(loaded.untrusted).toBeUndefined()
    expect(loaded.content).toContain('version 3')
    expect(loaded.content).toContain('Read it all.')
    expect(loaded.content).toContain('- .skills/review/3/notes/style.md')
    expect(loaded.content).not.toContain('echo checked')
  })

  it.each(['other', '../review', 'review/3'])(
    'tells of none that is not there: %s',
    async (name) => {
      expect(await run('skill_load', { name })).toMatchObject({
        isError: true,
        content: expect.stringContaining('There is no skill'),
      })
    },
  )

  it('writes nothing, even where it could', async () => {
    const workspace = createMemoryWorkspace()
    await runIn(workspace, 'skill_load', { name: 'review' })
    expect((await workspace.manifest()).entries).toEqual([])
  })

  it('says so where skills cannot be read', async () => {
    const skills: SkillsPort = { list: () => [], load: async () => err('unavailable') }
    expect(await run('skill_load', { name: 'review' }, { skills })).toMatchObject({ isError: true })
  })
})

describe('skill_files', () => {
  it('puts the files where the skill says, to be read, and takes older ones away', async () => {
    const workspace = createMemoryWorkspace()
    const older = { ...review, version: 2, files: [{ path: 'old.md', content: 'old' }] }
    await runIn(workspace, 'skill_files', { name: 'review' }, { skills: portOf(older) })
    const put = await runIn(
      workspace,
      'skill_files',
      { name: 'review' },
      { hasSeenUntrusted: true },
    )
    expect(put).toMatchObject({ isError: false })
    const { entries } = await workspace.manifest()
    expect(entries.map(({ path, mode, isUntrusted }) => ({ path, mode, isUntrusted }))).toEqual([
      { path: '.skills/review/3/check.sh', mode: 0o444, isUntrusted: false },
      { path: '.skills/review/3/notes/style.md', mode: 0o444, isUntrusted: false },
    ])
  })

  it('does the same again when a call is taken up after a crash', async () => {
    const workspace = createMemoryWorkspace()
    const older = { ...review, version: 2 }
    await runIn(workspace, 'skill_files', { name: 'review' }, { skills: portOf(older) })
    for (const isResumed of [false, true]) {
      const setup = { callId: 'call-of-a-crash', isResumed }
      const put = await runIn(workspace, 'skill_files', { name: 'review' }, setup)
      expect(put).toMatchObject({ isError: false })
    }
    expect((await workspace.manifest()).entries).toHaveLength(2)
  })

  it('is a change of the workspace to the gates, and no other skill tool is one', () => {
    const needs = SKILL_TOOLS.map(({ name, group, isReadOnly, needs: need }) => [
      name,
      group,
      isReadOnly,
      need,
    ])
    expect(needs).toEqual([
      ['skill_search', 'memory', true, 'nothing'],
      ['skill_load', 'memory', true, 'nothing'],
      ['skill_files', 'fs', false, 'write'],
    ])
  })
})

describe('every skill tool', () => {
  it.each(SKILL_TOOLS.map(({ name }) => name))(
    'is closed where there are no skills: %s',
    async (name) => {
      const bound = SKILL_TOOLS.find((tool) => tool.name === name)?.bind(
        name === 'skill_search' ? {} : { name: 'review' },
      )
      if (!bound?.ok) throw new Error('bad arguments')
      expect(await bound.value.run(toolContext(createMemoryWorkspace()))).toMatchObject({
        isError: true,
        content: expect.stringContaining('skills unavailable'),
      })
    },
  )
})

describe('file tools', () => {
  const guards = (name: string, path: string) => {
    const args = { write_file: { path, content: 'x' }, edit: { path, old: 'a', new: 'b' } }
    const tool = BUILTIN_TOOLS.find((each) => each.name === name)
    const bound = tool?.bind(name === 'read_file' ? { path } : args[name as keyof typeof args])
    if (!bound?.ok) throw new Error(`bad arguments for ${name}`)
    const { access, credentialed } = toolContext(createMemoryWorkspace())
    const shell = { denyGroups: new Set<never>(), allowedCommands: null, approval: {} as never }
    return bound.value.guard({ access, credentialed, shell })
  }

  it.each(['.skills/review/3/check.sh', './.skills//x', 'a/../.Skills/x', '.skills'])(
    'read %s and do not write it',
    (path) => {
      expect(guards('write_file', path)).toMatchObject({ error: { why: 'read_only' } })
      expect(guards('read_file', path)).toMatchObject({ ok: true })
    },
  )

  it('write beside it', () => {
    expect(guards('write_file', '.skillset/x')).toMatchObject({ ok: true })
    expect(guards('write_file', 'a/.skills/x')).toMatchObject({ ok: true })
  })
})
