import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Field,
  inWords,
  sectionsOf,
} from '../../../../src/dashboard/pages/configuration/schema-fields.ts'
import { CONFIG_SECTIONS, tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

/** Every field that holds a value of its own. */
const leavesOf = (field: Field): readonly Field[] =>
  field.kind === 'group' ? field.fields.flatMap(leavesOf) : [field]

const one = (schema: Readonly<Record<string, unknown>>): Field | undefined =>
  sectionsOf({ type: 'object', properties: { it: schema } })[0]

describe('the fields of a schema', () => {
  it('have the kind that their values have', () => {
    expect(one({ type: 'boolean', default: false })).toMatchObject({
      kind: 'switch',
      fallback: false,
    })
    expect(one({ type: 'string' })?.kind).toBe('text')
    expect(one({ type: 'string', enum: ['a', 'b'] })).toMatchObject({
      kind: 'choice',
      options: ['a', 'b'],
    })
    expect(one({ type: 'array', items: { type: 'string' } })?.kind).toBe('list')
  })

  it('tell the bounds of numbers, and none that only mean “any”', () => {
    const any = Number.MAX_SAFE_INTEGER
    expect(one({ type: 'integer', exclusiveMinimum: 0, maximum: any })).toMatchObject({
      kind: 'number',
      min: 1,
      max: undefined,
      isInteger: true,
    })
    expect(one({ type: 'number', minimum: 0.1, maximum: 1 })).toMatchObject({ min: 0.1, max: 1 })
  })

  it('are written as JSON where their kind is not known', () => {
    for (const schema of [
      {},
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
      { type: 'object', additionalProperties: { type: 'boolean' } },
      { type: 'array', items: { type: 'object' } },
      { type: 'string', enum: ['a', 3] },
    ])
      expect(one(schema)?.kind).toBe('json')
  })

  it('follow references, and stop at those that lead in a circle', () => {
    const root = {
      properties: { a: { $ref: '#/$defs/A', description: 'mine' }, b: { $ref: '#/$defs/B' } },
      $defs: { A: { type: 'boolean', description: 'theirs' }, B: { $ref: '#/$defs/B' } },
    }
    expect(sectionsOf(root)).toMatchObject([{ kind: 'switch', help: 'mine' }, { kind: 'json' }])
  })

  it('lie in groups, with the path from the root', () => {
    const group = one({ type: 'object', properties: { deep: { type: 'string' } } })
    expect(group && leavesOf(group).map(({ path }) => path)).toEqual([['it', 'deep']])
  })
})

describe('the gateway’s own schema', () => {
  const sections = sectionsOf(z.toJSONSchema(tenantConfigSchema, { io: 'input' }))

  it('has a section for each top-level key, with a field in each', () => {
    expect(sections.map(({ path }) => path[0])).toEqual([...CONFIG_SECTIONS])
    expect(sections.every((section) => leavesOf(section).length > 0)).toBe(true)
  })

  it('says of every setting what it does', () => {
    const silent = sections.flatMap(leavesOf).filter(({ help }) => help === null)
    expect(silent.map(({ path }) => path.join('.'))).toEqual([])
  })
})

it('reads names as people do', () => {
  expect(['rate_limit_rpm', 'execApproval', 'cron'].map(inWords)).toEqual([
    'Rate limit rpm',
    'Exec approval',
    'Cron',
  ])
})
