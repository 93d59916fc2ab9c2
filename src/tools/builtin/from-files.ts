/** What a tool answers out of files carries their label: the text may be somebody's from outside. */
import type { ToolOutcome } from '../../domain/tool.ts'

export const fromFiles = (outcome: ToolOutcome, isUntrusted: boolean): ToolOutcome =>
  isUntrusted ? { ...outcome, untrusted: { kind: 'file' } } : outcome
