/**
 * What a search of one user's notes costs while a hundred thousand of everybody's are stored: the whole
 * of `searchMemory` on a local D1, the way there and back included. Beside it the same question when
 * nobody else has a note: what others have noted should cost nothing.
 */
import { openDatabase } from '../../src/db/database.ts'
import { indexedTerms } from '../../src/db/memory/terms.ts'
import { type MemoryOf, memoryScope, searchMemory } from '../../src/db/memory.ts'
import type { AgentId, TenantId, UserId } from '../../src/domain/ids.ts'
import { startD1, type TestDatabase } from '../support/d1.ts'
import { type Summary, summarize } from './statistics.ts'

const TENANT = 'ten_bench' as TenantId
const CHUNKS_OF_USER = 500
const WORDS_OF_CHUNK = 120
const VOCABULARY = 8_000
const LIMIT = 5
const WARM_UP = 5
/** The way there and back alone. */
const BARE_QUERY = 'a bare query'

export interface MemorySize {
  readonly chunks: number
  readonly searches: number
}

export interface MemoryCost extends Summary {
  readonly what: string
  readonly chunks: number
}

/** Words that seldom begin alike, as those of a language: the beginning of a word finds it. */
const wordOf = (number: number): string =>
  (Math.imul(number, 2_654_435_761) >>> 0).toString(36).padStart(7, 'x')

/** The same in every run. */
function randomWords(): () => string {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    // Few words are in nearly every note and most in few, as in a language.
    return wordOf(Math.floor(VOCABULARY ** (state / 0x7f_ff_ff_ff)))
  }
}

const personOf = (number: number): MemoryOf => ({
  agentId: 'agt_bench' as AgentId,
  userId: `user-${number}` as UserId,
})

async function plant(d1: TestDatabase, person: MemoryOf, word: () => string): Promise<void> {
  const scope = await memoryScope(TENANT, person)
  const chunks = Array.from({ length: CHUNKS_OF_USER }, () => {
    const text = Array.from({ length: WORDS_OF_CHUNK }, word).join(' ')
    return { text, terms: indexedTerms(text) }
  })
  const insert = `INSERT INTO memory_chunks (tenant_id, agent_id, user_id, note_id, ordinal, title,
      text, terms, scope, content_hash, is_untrusted, created_at)
    SELECT ?, ?, ?, 'mem_' || json_each.key, 0, '', json_each.value ->> 'text',
      json_each.value ->> 'terms', ?, json_each.key, 0, json_each.key FROM json_each(?)`
  await d1
    .prepare(insert)
    .bind(TENANT, person.agentId, person.userId, scope, JSON.stringify(chunks))
    .run()
}

const QUESTIONS: readonly (readonly [string, (word: () => string) => string])[] = [
  ['one rare word', () => wordOf(VOCABULARY - 7)],
  ['the commonest words', () => [1, 2, 3].map(wordOf).join(' ')],
  ['eight words', (word) => Array.from({ length: 8 }, word).join(' ')],
]

export async function measureMemory(size: MemorySize): Promise<readonly MemoryCost[]> {
  const host = await startD1(1)
  try {
    const d1 = await host.freshDatabase()
    const db = openDatabase(d1)
    const person = personOf(0)
    const costs: MemoryCost[] = []
    const measure = async (chunks: number): Promise<void> => {
      const asked = async (what: string, ask: () => Promise<unknown>): Promise<void> => {
        const samples: number[] = []
        for (let i = -WARM_UP; i < size.searches; i++) {
          const began = performance.now()
          await ask()
          if (i >= 0) samples.push(performance.now() - began)
        }
        costs.push({ what, chunks, ...summarize(samples) })
      }
      await asked(BARE_QUERY, () => d1.prepare('SELECT 1').all())
      for (const [what, question] of QUESTIONS) {
        const word = randomWords()
        await asked(what, () => searchMemory(db, TENANT, person, question(word), LIMIT))
      }
    }
    const word = randomWords()
    await plant(d1, person, word)
    await measure(CHUNKS_OF_USER)
    const people = size.chunks / CHUNKS_OF_USER
    for (let number = 1; number < people; number++) await plant(d1, personOf(number), word)
    await measure(size.chunks)
    return costs
  } finally {
    await host.dispose()
  }
}
