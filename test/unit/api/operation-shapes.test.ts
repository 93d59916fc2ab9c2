import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { VIEWER } from '../../../src/api/access.ts'
import { erase, operation } from '../../../src/api/operation.ts'
import { operationShapes } from '../../../src/api/operation-shapes.ts'
import { OPERATIONS } from '../../../src/api/registry.ts'
import { ok } from '../../../src/domain/result.ts'

const shapeOf = (params: z.ZodType) => {
  const declared = operation({
    name: 'things.do',
    summary: 'Does things',
    access: VIEWER,
    params,
    result: z.object({}),
    run: async () => ok({}),
  })
  return operationShapes([erase(declared)])['things.do']
}

const kindsOf = (shape: z.ZodRawShape): Record<string, string> =>
  Object.fromEntries((shapeOf(z.object(shape))?.params ?? []).map(({ name, kind }) => [name, kind]))

describe('the shapes of operations', () => {
  it('are in their file as the registry declares them (else: npm run operations)', () => {
    const file = new URL('../../../src/cli/operations.json', import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(operationShapes(OPERATIONS))),
    )
  })

  it('tell what a flag has to know', () => {
    const shape = shapeOf(
      z.object({ name: z.string().describe('its name'), role: z.enum(['a', 'b']).nullish() }),
    )
    expect(shape).toEqual({
      summary: 'Does things',
      role: 'viewer',
      params: [
        { name: 'name', kind: 'text', isRequired: true, help: 'its name' },
        { name: 'role', kind: 'text', choices: ['a', 'b'] },
      ],
    })
  })

  it('see through null, defaults and coercion', () => {
    expect(
      kindsOf({
        text: z.string().nullish(),
        number: z.coerce.number().int().default(5),
        maybe: z.number().nullable(),
        yes: z.boolean().nullish(),
        spelt: z.stringbool().or(z.boolean()).nullish(),
        words: z.array(z.string()).default([]),
      }),
    ).toEqual({
      text: 'text',
      number: 'number',
      maybe: 'number',
      yes: 'switch',
      spelt: 'switch',
      words: 'list',
    })
  })

  it('leave to JSON what a flag cannot spell', () => {
    expect(
      kindsOf({
        object: z.object({ a: z.string() }),
        record: z.record(z.string(), z.string()),
        objects: z.array(z.object({})),
        either: z.union([z.string(), z.record(z.string(), z.unknown())]),
      }),
    ).toEqual({ object: 'json', record: 'json', objects: 'json', either: 'json' })
  })

  it('offer the choices of a list, and hold what has no parameters', () => {
    expect(shapeOf(z.object({ scopes: z.array(z.enum(['r', 'w'])) }))?.params).toEqual([
      { name: 'scopes', kind: 'list', isRequired: true, choices: ['r', 'w'] },
    ])
    expect(shapeOf(z.object({}))?.params).toEqual([])
  })
})
