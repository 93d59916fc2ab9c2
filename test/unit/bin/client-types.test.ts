import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clientTypes } from '../../../bin/client-types.ts'
import { erase, operation } from '../../../src/api/operation.ts'
import { OPERATIONS } from '../../../src/api/registry.ts'
import { refusal } from '../../../src/domain/refusal.ts'
import { err } from '../../../src/domain/result.ts'

const FOLDER = new URL('../../../src/dashboard/client/operations/', import.meta.url)

const typesOf = (params: z.ZodType, result: z.ZodType): string => {
  const declared = operation({
    name: 'things.do',
    summary: 'Does */ things',
    access: { role: 'operator', scope: 'operator.write', orScopes: ['operator.approvals'] },
    params,
    result,
    run: () => Promise.resolve(err(refusal('NOT_IMPLEMENTED', 'never'))),
  })
  return clientTypes([erase(declared)]).get('things') ?? ''
}

describe('clientTypes', () => {
  it('is what the dashboard holds: npm run operations writes it', () => {
    const files = clientTypes(OPERATIONS)
    expect(readdirSync(FOLDER).sort()).toEqual([...files.keys()].map((name) => `${name}.ts`).sort())
    for (const [name, text] of files)
      expect(readFileSync(new URL(`${name}.ts`, FOLDER), 'utf8'), name).toBe(text)
  })

  it('tells what may be left out of params, and what an answer always has', () => {
    const params = z.object({
      name: z.string(),
      limit: z.number().default(5),
      id: z.string().optional(),
    })
    const text = typesOf(
      params,
      z.object({ limit: z.number().default(5), id: z.string().optional() }),
    )
    expect(text).toContain('params: { name: string; limit?: number; id?: string }')
    expect(text).toContain('result: { limit: number; id?: string }')
  })

  it('spells choices, lists, maps, pairs and what may be null', () => {
    const text = typesOf(
      z.object({}),
      z.object({
        kind: z.enum(['a', 'b']),
        rows: z.array(z.union([z.string(), z.number()])),
        by: z.record(z.string(), z.boolean()),
        pair: z.tuple([z.string(), z.literal(3)]),
        gone: z.string().nullable(),
        other: z.unknown(),
        'odd-name': z.string(),
        sums: z.object({ n: z.number() }).catchall(z.union([z.string(), z.number()])),
        open: z.looseObject({ n: z.number() }),
      }),
    )
    for (const expected of [
      'kind: "a" | "b"',
      'rows: readonly (string | number)[]',
      'by: Readonly<Record<string, boolean>>',
      'pair: readonly [string, 3]',
      'gone: string | null',
      'other: unknown',
      '"odd-name": string',
      'sums: { n: number; [name: string]: string | number }',
      'open: { n: number }',
    ])
      expect(text).toContain(expected)
  })

  it('lists the values of params that are one of a few, and nothing where none is', () => {
    const params = z.object({ kind: z.enum(['a', 'b']).optional(), name: z.string() })
    expect(typesOf(params, z.object({}))).toContain(
      `export const CHOICES = {\n  'things.do': { "kind": ["a","b"] },\n} as const\n`,
    )
    expect(
      typesOf(z.object({ name: z.string() }), z.object({ kind: z.enum(['a']) })),
    ).not.toContain('CHOICES')
  })

  it('lets no summary end its comment', () => {
    expect(typesOf(z.object({}), z.object({}))).toContain('/** Does * / things */')
  })

  it('says who may call what: the least role, then the scopes that open it to a key', () => {
    expect(clientTypes(OPERATIONS).get('index')).toContain(
      "'exec.approval.approve': ['operator', 'operator.approvals'],",
    )
  })
})
