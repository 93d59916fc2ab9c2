/** Finds notes that were saved in earlier conversations with this user. */
import { z } from 'zod'
import { MEMORY_LIMITS, type MemoryHit } from '../../domain/ports/memory.ts'
import { defineTool } from '../tool.ts'
import { dayOf, fromMemory, MEMORY_DOWN, NO_MEMORY } from './memory-note.ts'
import { failed, succeeded } from './workspace-failure.ts'

export const memorySearchTool = defineTool({
  name: 'memory_search',
  description:
    'Searches the notes of earlier conversations with this user. Any of the words may match; beginnings of words do. Read a whole note with memory_get.',
  schema: z.strictObject({
    query: z
      .string()
      .trim()
      .min(1)
      .max(MEMORY_LIMITS.maxQueryChars)
      .describe('Words to look for, not a sentence'),
    limit: z
      .int()
      .min(1)
      .max(MEMORY_LIMITS.maxResults)
      .default(5)
      .describe('How many notes at most'),
  }),
  group: 'memory',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  run: async ({ query, limit }, { memory }) => {
    if (memory === null) return failed(NO_MEMORY)
    const found = await memory.search(query, limit)
    if (!found.ok) return failed(MEMORY_DOWN)
    const hits = found.value
    if (hits.length === 0) return succeeded('Nothing was found in memory.')
    const isUntrusted = hits.some((hit) => hit.isUntrusted)
    return fromMemory(hits.map(present).join('\n'), isUntrusted)
  },
})

function present({ noteId, title, snippet, createdAt }: MemoryHit, index: number): string {
  const head = `${index + 1}. ${noteId} (${dayOf(createdAt)})${title === '' ? '' : ` ${title}`}`
  return `${head}\n   ${snippet}`
}
