/**
 * Notes something for later conversations with this user. What is noted after text from outside came
 * in carries that label: somebody else may have wished it remembered.
 */
import { z } from 'zod'
import { MEMORY_LIMITS, type SaveFailure } from '../../domain/ports/memory.ts'
import { defineTool } from '../tool.ts'
import { MEMORY_DOWN, NO_MEMORY } from './memory-note.ts'
import { failed, succeeded } from './workspace-failure.ts'

const { maxChunks, maxNoteChars, maxTitleChars } = MEMORY_LIMITS

const NOT_SAVED: Readonly<Record<SaveFailure | 'unavailable', string>> = {
  full: `The memory of this user is full: it holds ${maxChunks} pieces at most. Nothing was saved; the user can delete old notes.`,
  empty: 'There is no word in this note by which it could be found. Nothing was saved.',
  no_agent: 'The agent of this conversation has been deleted. Nothing was saved.',
  unavailable: MEMORY_DOWN,
}

export const memorySaveTool = defineTool({
  name: 'memory_save',
  description:
    'Saves a note that later conversations with this user can find: facts, wishes, decisions. One matter a note, in words that stand by themselves. Never passwords, keys or tokens.',
  schema: z.strictObject({
    text: z.string().trim().min(1).max(maxNoteChars).describe('What to remember'),
    title: z.string().trim().max(maxTitleChars).default('').describe('What it is about'),
  }),
  group: 'memory',
  isReadOnly: false,
  isParallelSafe: false,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  run: async ({ text, title }, { memory, hasSeenUntrusted }) => {
    if (memory === null) return failed(NO_MEMORY)
    const saved = await memory.save({ text, title, isUntrusted: hasSeenUntrusted })
    if (!saved.ok) return failed(NOT_SAVED[saved.error])
    const { noteId, isKnown } = saved.value
    return succeeded(isKnown ? `This is noted already, as ${noteId}.` : `Saved as ${noteId}.`)
  },
})
