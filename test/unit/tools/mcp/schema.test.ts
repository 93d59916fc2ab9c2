import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../../src/domain/mcp.ts'
import { checkSchema, createArgumentCheck } from '../../../../src/tools/mcp/schema.ts'

const reasonOf = (schema: unknown): string | null => {
  const checked = checkSchema(schema)
  return checked.ok ? null : checked.error
}

/** Thirty definitions of which each names the next one twice: 2^30 places written out. */
const doubling = (): JsonObject => {
  const $defs: Record<string, unknown> = { d30: { type: 'string' } }
  for (let i = 0; i < 30; i++) {
    const next = { $ref: `#/$defs/d${i + 1}` }
    $defs[`d${i}`] = { allOf: [next, next] }
  }
  return { type: 'object', properties: { a: { $ref: '#/$defs/d0' } }, $defs }
}

const nested = (levels: number): JsonObject => {
  let schema: JsonObject = { type: 'object' }
  for (let i = 0; i < levels; i++) schema = { type: 'object', properties: { a: schema } }
  return schema
}

describe('checkSchema', () => {
  it('allows what servers of good will publish', () => {
    const point = { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] }
    for (const schema of [
      { type: 'object' },
      { $schema: 'http://json-schema.org/draft-07/schema#', ...point },
      { type: 'object', properties: { p: { $ref: '#/$defs/point' } }, $defs: { point } },
      { type: 'object', properties: { id: { type: 'string' }, pattern: { type: 'string' } } },
    ]) {
      expect(reasonOf(schema)).toBeNull()
    }
  })

  it.each([
    ['no object at all', 'a string'],
    ['another type', { type: 'array' }],
    ['a dialect nobody knows', { type: 'object', $schema: 'https://evil.example/dialect' }],
    ['depth', nested(80)],
    ['length', { type: 'object', description: 'x'.repeat(20_000) }],
    ['a reference to itself', { type: 'object', properties: { a: { $ref: '#' } } }],
    [
      'references in a circle',
      {
        type: 'object',
        $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
        properties: { x: { $ref: '#/$defs/a' } },
      },
    ],
    ['a reference to elsewhere', { type: 'object', allOf: [{ $ref: 'https://evil.example/s' }] }],
    ['a reference to nothing', { type: 'object', allOf: [{ $ref: '#/$defs/none' }] }],
    ['dynamic references', { type: 'object', allOf: [{ $dynamicRef: '#x' }] }],
    ['a base of its own', { type: 'object', $id: 'https://evil.example/s' }],
    ['references that double', doubling()],
  ])('rejects %s', (_, schema) => {
    expect(reasonOf(schema)).toEqual(expect.any(String))
  })
})

describe('createArgumentCheck', () => {
  const check = createArgumentCheck({
    type: 'object',
    properties: { text: { type: 'string', maxLength: 5 }, count: { type: 'integer', minimum: 1 } },
    required: ['text'],
    additionalProperties: false,
  })

  it('allows arguments that fit, and hands on the same', () => {
    expect(check({ text: 'abc', count: 2 })).toEqual({ ok: true, value: { text: 'abc', count: 2 } })
  })

  it.each([
    ['a list', []],
    ['nothing', null],
    ['a member that is missing', {}],
    ['a member of another type', { text: 1 }],
    ['a number below the least', { text: 'a', count: 0 }],
    ['a member too many', { text: 'a', other: 1 }],
  ])('rejects %s', (_, args) => {
    expect(check(args)).toMatchObject({ ok: false })
  })

  it('runs no pattern of a server over the arguments of a model', () => {
    const evil = '(a+)+$'
    const hostile = createArgumentCheck({
      type: 'object',
      properties: {
        a: { type: 'string', pattern: evil },
        b: { patternProperties: { [evil]: { type: 'string' } }, additionalProperties: false },
        c: { $ref: '#/examples/0' },
        d: { $ref: '#/dependencies' },
      },
      examples: [{ pattern: evil }],
      dependencies: { pattern: evil },
    })
    const text = `${'a'.repeat(40)}!`
    const began = performance.now()
    expect(hostile({ a: text, b: { [text]: 1 } })).toMatchObject({ ok: true })
    hostile({ c: text })
    hostile({ d: text })
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('rejects what would take for ever to compare, and what is nested without end', () => {
    const wide = createArgumentCheck({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { anyOf: Array.from({ length: 400 }, (_, i) => ({ const: i })) },
        },
      },
    })
    expect(wide({ list: [1, 2] })).toMatchObject({ ok: true })
    expect(wide({ list: Array.from({ length: 20_000 }, () => 'x') })).toMatchObject({ ok: false })
    let deep: unknown = 1
    for (let i = 0; i < 100; i++) deep = [deep]
    expect(wide({ list: deep })).toMatchObject({ ok: false })
  })
})
