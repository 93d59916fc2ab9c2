/** Reads one note as a whole. */
import { z } from 'zod'
import { defineTool } from '../tool.ts'
import { dayOf, fromMemory, MEMORY_DOWN, NO_MEMORY } from './memory-note.ts'
import { failed } from './workspace-failure.ts'

const MAX_ID_CHARS = 100

export const memoryGetTool = defineTool({
  name: 'memory_get',
  description: 'Reads a whole note that memory_search found.',
  schema: z.strictObject({
    id: z.string().trim().min(1).max(MAX_ID_CHARS).describe('As memory_search names it: mem_…'),
  }),
  group: 'memory',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  run: async ({ id }, { memory }) => {
    if (memory === null) return failed(NO_MEMORY)
    const found = await memory.get(id)
    if (!found.ok) {
      return failed(found.error === 'not_found' ? `There is no note ${id}.` : MEMORY_DOWN)
    }
    const note = found.value
    const title = note.title === '' ? '' : `${note.title}\n`
    return fromMemory(`${title}(saved ${dayOf(note.createdAt)})\n\n${note.text}`, note.isUntrusted)
  },
})
