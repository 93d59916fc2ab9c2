/** The result of a commit as its row keeps it. */
import { z } from 'zod'
import type { CommitResult } from '../../domain/ports/workspace.ts'

const entrySchema = z.object({
  path: z.string(),
  sha256: z.string(),
  size: z.number(),
  mode: z.number(),
  isUntrusted: z.boolean(),
})

const resultSchema = z.object({
  root: z.string(),
  conflicts: z.array(z.string()),
  /** Rows of the first schema do not tell. */
  replaced: z.array(entrySchema).default([]),
})

export const writeResult = (result: CommitResult): string => JSON.stringify(result)

/** Written by the store alone: another shape is a broken row, which must not pass for a result. */
export const parseResult = (text: string): CommitResult => resultSchema.parse(JSON.parse(text))
