/**
 * No text can make a regular expression of src/ run away. Each is proved by a checker (recheck, its
 * build in plain JavaScript); what the checker cannot decide, or what runs over short texts only, is
 * listed with its reason and measured on hostile texts of the longest length it is given.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  allExpressions,
  expressionsIn,
  type FoundExpression,
} from '../support/regular-expressions.ts'

process.env['RECHECK_BACKEND'] = 'pure'
const { checkSync } = await import('recheck')

/** Far above what a provable pattern takes; a machine under load must not turn proof into doubt. */
const PROOF_TIMEOUT_MS = 60_000
/** Judged by steps: a machine that is busy elsewhere must not make a pattern look slow. */
const STEPS_ONLY = {
  timeout: PROOF_TIMEOUT_MS,
  attackTimeout: null,
  incubationTimeout: null,
  seedingTimeout: null,
  recallTimeout: null,
} as const
/** A listed file is measured anyway: no time is spent on proofs that do not come. */
const LISTED_TIMEOUT_MS = 300

interface Listed {
  readonly file: RegExp
  /** The longest text that its patterns are given. */
  readonly maxChars: number
  readonly because: string
}

const LISTED: readonly Listed[] = [
  {
    file: /^src\/tools\/shell\//,
    maxChars: 4_096,
    because:
      'long lists of words in one pattern outlast the checker; they run over single words and programs of one command',
  },
  {
    file: /^src\/providers\/vendor-text\.ts/,
    maxChars: 2_000,
    because: 'quadratic, over a message cut to MAX_INPUT_CHARS before any of them runs',
  },
]

/** Patterns that only the running program knows, and what keeps them linear. */
const COMPUTED: readonly { readonly file: string; readonly because: string }[] = [
  {
    file: 'src/domain/linear-pattern.ts',
    because: "a tenant's own pattern, after its compiler refused whatever is not linear",
  },
  {
    file: 'src/tools/shell/program.ts',
    because: 'joined from the sources of patterns that are checked one by one',
  },
]

/** Proofs already made by this version, so that only a changed pattern costs time again. */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/edgeclaw/recheck-4.5.0.json')

const readCache = (): Set<string> => {
  try {
    return new Set(JSON.parse(readFileSync(CACHE, 'utf8')) as string[])
  } catch {
    return new Set()
  }
}

const fileOf = ({ place }: FoundExpression): string => place.slice(0, place.lastIndexOf(':'))
const listingOf = (found: FoundExpression): Listed | undefined =>
  LISTED.find(({ file }) => file.test(found.place))

const found = allExpressions()
const distinct = new Map(
  found.flatMap((each) =>
    each.source === null ? [] : [[`/${each.source}/${each.flags}`, each] as const],
  ),
)

/** Short pieces of the pattern itself, and what patterns trip over: repeated, they are hostile. */
const unitsOf = (source: string): ReadonlySet<string> =>
  new Set([...(source.match(/[a-z_]+|[A-Z]+|\d|[^\\\w]/g) ?? []), ' ', '\t', 'a', 'A', '0', '.'])

const MEASURED_MS = 1_000
const context = createContext({})

/** Milliseconds of the worst text tried; at most a little more than MEASURED_MS. */
function worstTime(source: string, flags: string, maxChars: number): number {
  let worst = 0
  for (const unit of unitsOf(source)) {
    const text = `-${unit.repeat(Math.floor(maxChars / unit.length))}\u0000!`
    const code = `new RegExp(${JSON.stringify(source)}, ${JSON.stringify(flags)}).test(${JSON.stringify(text)})`
    const began = performance.now()
    try {
      runInContext(code, context, { timeout: MEASURED_MS })
    } catch {
      return MEASURED_MS
    }
    worst = Math.max(worst, performance.now() - began)
  }
  return worst
}

describe('regular expressions of src/', () => {
  it('are found in every form in which they are written', () => {
    const text = [
      "const A = 'x{0,3}'",
      'const B = /y+/',
      // In two pieces, so that no one takes it for a template that was meant.
      'export const c: RegExp = new RegExp(`^$' + '{A}(?:$' + '{B.source})` + "$", "iu")',
      'const d = (p: string): RegExp => new RegExp(p)',
      'const e = f(/z/g as RegExp)',
      '// const g = /no/',
    ].join('\n')
    expect(expressionsIn(text, 'x.ts').map(({ source, flags }) => [source, flags])).toEqual(
      expect.arrayContaining([
        ['y+', ''],
        ['^x{0,3}(?:y+)$', 'iu'],
        [null, ''],
        ['z', 'g'],
      ]),
    )
    expect(distinct.size).toBeGreaterThan(300)
  })

  it('are told apart by the checker', () => {
    expect(checkSync('^(?:a|a)*$', '').status).toBe('vulnerable')
    expect(checkSync('^[ab]*$', '').status).toBe('safe')
  })

  it('are linear: proved', { timeout: 600_000 }, () => {
    const proved = readCache()
    const before = proved.size
    const unproved: string[] = []
    for (const [written, each] of distinct) {
      if (listingOf(each) !== undefined || proved.has(written)) continue
      const { status } = checkSync(each.source ?? '', each.flags, STEPS_ONLY)
      if (status === 'safe') proved.add(written)
      else unproved.push(`${each.place} ${status}: ${written}`)
    }
    if (proved.size > before) {
      mkdirSync(dirname(CACHE), { recursive: true })
      writeFileSync(CACHE, JSON.stringify([...proved]))
    }
    expect(unproved).toEqual([])
  })

  it('are fast on the longest texts they are given, where no proof comes', {
    timeout: 600_000,
  }, () => {
    const slow: string[] = []
    for (const [written, each] of distinct) {
      const listing = listingOf(each)
      if (listing === undefined) continue
      const proof = checkSync(each.source ?? '', each.flags, { timeout: LISTED_TIMEOUT_MS })
      if (proof.status === 'safe') continue
      const worst = worstTime(each.source ?? '', each.flags, listing.maxChars)
      if (worst >= MEASURED_MS) slow.push(`${each.place}: ${written}`)
    }
    expect(slow).toEqual([])
  })

  it('are known before the program runs, with two exceptions', () => {
    const computed = found.filter(({ source }) => source === null).map(fileOf)
    expect([...new Set(computed)].sort()).toEqual(COMPUTED.map(({ file }) => file).sort())
  })

  it('need every file that is listed', () => {
    const unused = LISTED.filter(({ file }) => !found.some(({ place }) => file.test(place)))
    expect(unused).toEqual([])
  })
})
