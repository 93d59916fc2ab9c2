import { describe, expect, it } from 'vitest'
import type { MemoryHit, MemoryPort, NewNote } from '../../../../src/domain/ports/memory.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool } from '../../../support/tool-context.ts'

const workspace = createMemoryWorkspace()
const hit = (noteId: string, isUntrusted = false): MemoryHit => ({
  noteId,
  title: `title of ${noteId}`,
  snippet: `snippet of ${noteId}`,
  isUntrusted,
  createdAt: Date.UTC(2026, 10, 27),
})

interface Fake extends MemoryPort {
  readonly saved: NewNote[]
}
const memoryWith = (fields: Partial<MemoryPort> = {}): Fake => {
  const saved: NewNote[] = []
  return {
    saved,
    search: async () => ok([]),
    get: async () => err('not_found'),
    save: async (note) => {
      saved.push(note)
      return ok({ noteId: 'mem_1', isKnown: false })
    },
    ...fields,
  }
}

describe('memory_search', () => {
  it('tells ids, days, titles and snippets, and marks nothing that was written here', async () => {
    const memory = memoryWith({ search: async () => ok([hit('mem_1'), hit('mem_2')]) })
    const outcome = await runTool('memory_search', { query: 'boats' }, workspace, { memory })
    expect(outcome).toEqual({
      content:
        '1. mem_1 (2026-11-27) title of mem_1\n   snippet of mem_1\n2. mem_2 (2026-11-27) title of mem_2\n   snippet of mem_2',
      isError: false,
    })
  })

  it('is marked as soon as one of the notes was saved after text from outside', async () => {
    const memory = memoryWith({ search: async () => ok([hit('mem_1'), hit('mem_2', true)]) })
    const outcome = await runTool('memory_search', { query: 'boats' }, workspace, { memory })
    expect(outcome.untrusted).toEqual({ kind: 'memory' })
  })
})

describe('memory_get', () => {
  it('reads a note as a whole, under the label that it has', async () => {
    const note = { ...hit('mem_1', true), text: 'the whole note' }
    const memory = memoryWith({ get: async () => ok(note) })
    const outcome = await runTool('memory_get', { id: 'mem_1' }, workspace, { memory })
    expect(outcome.content).toContain('the whole note')
    expect(outcome.untrusted).toEqual({ kind: 'memory' })
    const absent = await runTool('memory_get', { id: 'mem_9' }, workspace, { memory: memoryWith() })
    expect(absent).toEqual({ content: 'There is no note mem_9.', isError: true })
  })
})

describe('memory_save', () => {
  it.each([true, false])('labels a note by what the conversation has seen: %s', async (seen) => {
    const memory = memoryWith()
    await runTool('memory_save', { text: ' Likes blue. ' }, workspace, {
      memory,
      hasSeenUntrusted: seen,
    })
    expect(memory.saved).toEqual([{ text: 'Likes blue.', title: '', isUntrusted: seen }])
  })

  it('says what stands against it', async () => {
    const saying = async (error: 'full' | 'empty' | 'unavailable') =>
      runTool('memory_save', { text: 'x' }, workspace, {
        memory: memoryWith({ save: async () => err(error) }),
      })
    expect(await saying('full')).toMatchObject({
      isError: true,
      content: expect.stringMatching(/is full.*10000/),
    })
    expect(await saying('empty')).toMatchObject({ isError: true })
    expect(await saying('unavailable')).toMatchObject({ isError: true })
  })
})

it('says that memory is closed where a call has none', async () => {
  for (const [name, args] of [
    ['memory_search', { query: 'x' }],
    ['memory_get', { id: 'x' }],
    ['memory_save', { text: 'x' }],
  ] as const) {
    const outcome = await runTool(name, args, workspace)
    expect(outcome).toMatchObject({
      isError: true,
      content: expect.stringContaining('memory unavailable'),
    })
  }
})
