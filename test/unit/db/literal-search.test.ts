/** What somebody searches for is text: no query of ours takes it, or anything, for a pattern. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = join(import.meta.dirname, '../../../src')
/** SQL’s operators in capitals, as queries are written here, and drizzle’s functions of that name. */
const MATCH = /\b(?:LIKE|GLOB|REGEXP)\b|\b(?:like|ilike|notLike|notIlike)\(/
const COMMENT = /^\s*(?:\/?\*|\/\/)/

const isQuery = (line: string): boolean => !COMMENT.test(line) && MATCH.test(line)

describe('searching', () => {
  it('knows a pattern match when it sees one', () => {
    for (const line of [
      "WHERE label LIKE '%' || ? || '%'",
      'like(table.label, search)',
      'x GLOB ?',
    ]) {
      expect(isQuery(line), line).toBe(true)
    }
    for (const line of [
      'instr(lower(label), lower(?)) > 0',
      '// LIKE has wildcards',
      'looks like a',
    ]) {
      expect(isQuery(line), line).toBe(false)
    }
  })

  it('is done without patterns, so that % and _ need no escape that could be forgotten', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    const found = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        readFileSync(join(SOURCE, file), 'utf8')
          .split('\n')
          .filter(isQuery)
          .map((line) => `${file}: ${line.trim()}`),
      )
    expect(files.length).toBeGreaterThan(100)
    expect(found).toEqual([])
  })
})
