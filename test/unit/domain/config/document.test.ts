import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergePatch } from '../../../../src/api/merge-patch.ts'
import {
  faultOfShape,
  MAX_DOCUMENT_CHARS,
  parseDocument,
} from '../../../../src/domain/config/document.ts'
import { masked, unmasked } from '../../../../src/domain/config/mask.ts'
import { documentArbitrary } from '../../../support/config-documents.ts'

const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inner) => ({ a: inner }), 1)

/** Every part within its own bounds. */
const tooLong = {
  tools: {
    by_owner: Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `user-${i}`,
        { deny: Array(6).fill('x'.repeat(190)) },
      ]),
    ),
  },
}

describe('parseDocument', () => {
  it('answers what was set apart from what it means with the defaults', () => {
    const document = { gateway: { rate_limit_rpm: 7 } }
    expect(parseDocument(document)).toMatchObject({
      ok: true,
      value: { document, config: { gateway: { rate_limit_rpm: 7, rate_limit_burst: 5 } } },
    })
  })

  it('names the way to a value that does not fit', () => {
    const fault = (document: unknown) => {
      const parsed = parseDocument(document)
      return parsed.ok ? 'allowed' : parsed.error
    }
    expect(fault({ gateway: { rate_limit_rpm: 'many' } })).toMatch(/^gateway\.rate_limit_rpm: /)
    // Of two faults the name that nobody may set is told first.
    expect(fault({ gateway: { rate_limit_rpm: 'many', nonsense: 1 } })).toBe(
      'gateway.nonsense is not a setting',
    )
  })

  it.each([
    ['no object', [null, 1, 'x', [], [{}]]],
    ['a member that writers lose', [JSON.parse('{"__proto__":{"gateway":{}}}')]],
    ['the same further in', [JSON.parse('{"tools":{"by_owner":{"__proto__":{"deny":[]}}}}')]],
    ['what is nested without end', [deep(50_000)]],
    ['what is too long', [tooLong]],
  ])('refuses %s', (_, documents) => {
    for (const document of documents) expect(parseDocument(document).ok).toBe(false)
  })

  it('takes what is nearly too long, and says so of what is', () => {
    const patterns = (count: number) => ({
      logging: { redactPatterns: Array(count).fill('x'.repeat(400)) },
    })
    expect(parseDocument(patterns(100)).ok).toBe(true)
    const huge = { gateway: { ['x'.repeat(MAX_DOCUMENT_CHARS)]: 1 } }
    expect(parseDocument(huge)).toMatchObject({ error: expect.stringContaining('longer than') })
  })

  it('pollutes no prototype, whatever it is given', () => {
    parseDocument(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    )
    mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('faultOfShape', () => {
  it('ends early on what is deep, and passes what is a document', () => {
    expect(faultOfShape(deep(100_000))).toContain('nested deeper')
    expect(faultOfShape(deep(5))).toBeNull()
  })
})

/** Every object of a document, by the way to it. */
function objectsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return [
    path,
    ...Object.entries(value).flatMap(([name, inner]) => objectsIn(inner, [...path, name])),
  ]
}

/** Below these, names are the tenant's own. */
const FREE = ['by_owner', 'shellDenyGroups', 'shell_deny_groups', 'identityLinks', 'prices']

describe('documents that were patched', () => {
  const unknownAt = (path: readonly string[]): unknown =>
    path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), { no_such_setting: 1 })

  it('are taken whole, and refuse an unknown key wherever a patch puts one', () => {
    fc.assert(
      fc.property(documentArbitrary, documentArbitrary, fc.nat(), (document, patch, pick) => {
        const merged = mergePatch(document, patch)
        expect(parseDocument(merged)).toMatchObject({ ok: true })
        const places = objectsIn(merged).filter((path) => !FREE.includes(path.at(-1) ?? ''))
        const place = places[pick % places.length] ?? []
        const refused = parseDocument(mergePatch(merged, unknownAt(place)))
        expect(refused).toMatchObject({
          ok: false,
          error: expect.stringContaining('no_such_setting is not a setting'),
        })
      }),
    )
  })

  it('come to the same whether the whole is applied as it was shown, or never sent', () => {
    fc.assert(
      fc.property(documentArbitrary, (document) => {
        expect(unmasked(masked(document), document)).toEqual({ ok: true, value: document })
      }),
    )
  })
})
