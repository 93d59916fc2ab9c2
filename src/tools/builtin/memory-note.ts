/** What the memory tools have in common: how a note is told, and when there is no memory to ask. */
import type { ToolOutcome } from '../../domain/tool.ts'

export const NO_MEMORY = 'memory unavailable: it is closed for this call.'
export const MEMORY_DOWN =
  'memory unavailable: it did not answer. Go on without it, or try again later.'

const ISO_DAY_CHARS = 10
export const dayOf = (createdAt: number): string =>
  new Date(createdAt).toISOString().slice(0, ISO_DAY_CHARS)

/** A note keeps the label of the conversation that it was saved in. */
export const fromMemory = (content: string, isUntrusted: boolean): ToolOutcome => ({
  content,
  isError: false,
  ...(isUntrusted ? { untrusted: { kind: 'memory' } } : {}),
})
