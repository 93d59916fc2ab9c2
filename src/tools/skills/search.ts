/** Finds skills by words of their names and descriptions. */
import { z } from 'zod'
import type { SkillHead } from '../../domain/ports/skills.ts'
import { failed, succeeded } from '../builtin/workspace-failure.ts'
import { defineTool } from '../tool.ts'
import { NO_SKILLS } from './unavailable.ts'

const MAX_QUERY_CHARS = 400
const MAX_WORDS = 32
const MAX_RESULTS = 20

export const skillSearchTool = defineTool({
  name: 'skill_search',
  description:
    'Searches the skills that you may load: instructions for particular tasks, written by those who run you. Any of the words may match. Load one with skill_load.',
  schema: z.strictObject({
    query: z
      .string()
      .trim()
      .max(MAX_QUERY_CHARS)
      .default('')
      .describe('Words to look for; without, all are listed'),
    limit: z.int().min(1).max(MAX_RESULTS).default(10).describe('How many at most'),
  }),
  group: 'memory',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  run: async ({ query, limit }, { skills }) => {
    if (skills === null) return failed(NO_SKILLS)
    const found = bestOf(skills.list(), query).slice(0, limit)
    return succeeded(
      found.map(({ name, description }) => `- ${name}: ${description}`).join('\n') ||
        'No skill was found.',
    )
  },
})

const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** By how many of the words occur, those of the name twice; what has none of them is left out. */
function bestOf(heads: readonly SkillHead[], query: string): readonly SkillHead[] {
  const wanted = [...new Set(wordsOf(query))].slice(0, MAX_WORDS)
  if (wanted.length === 0) return heads
  return heads
    .map((head) => ({ head, score: scoreOf(head, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ head }) => head)
}

function scoreOf({ name, description }: SkillHead, wanted: readonly string[]): number {
  const ofName = wordsOf(name)
  const all = [...ofName, ...wordsOf(description)]
  const begins = (words: readonly string[], wish: string) =>
    words.some((word) => word.startsWith(wish))
  return wanted.reduce(
    (sum, wish) => sum + Number(begins(all, wish)) + Number(begins(ofName, wish)),
    0,
  )
}
