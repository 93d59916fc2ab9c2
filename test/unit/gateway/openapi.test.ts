import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ADMIN, VIEWER } from '../../../src/api/access.ts'
import { erase, operation } from '../../../src/api/operation.ts'
import { OPERATIONS } from '../../../src/api/registry.ts'
import { ok } from '../../../src/domain/result.ts'
import { openApiDocument } from '../../../src/gateway/openapi.ts'

interface Described {
  readonly operationId: string
  readonly 'x-least-role': string
  readonly 'x-scope': string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
  }[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: { 'application/json': { schema: { properties: object; required: string[] } } }
  }
  readonly responses: Readonly<Record<string, unknown>>
}
type Paths = Readonly<Record<string, Readonly<Record<string, Described>>>>

const pathsOf = (document: Record<string, unknown>) => document['paths'] as Paths

const example = [
  operation({
    name: 'boats.list',
    summary: 'Boats',
    access: VIEWER,
    params: z.object({ limit: z.coerce.number().default(20), colour: z.string() }),
    result: z.object({ boats: z.array(z.string()) }),
    http: { method: 'GET', path: '/v1/boats' },
    run: async () => ok({ boats: [] }),
  }),
  operation({
    name: 'boats.update',
    summary: 'Changes a boat',
    access: ADMIN,
    params: z.object({ id: z.string(), name: z.string(), length: z.number().optional() }),
    result: z.object({ ok: z.literal(true) }),
    http: { method: 'PUT', path: '/v1/boats/{id}' },
    run: async () => ok({ ok: true as const }),
  }),
  operation({
    name: 'boats.whisper',
    summary: 'Socket only',
    access: VIEWER,
    params: z.object({}),
    result: z.object({}),
    run: async () => ok({}),
  }),
].map(erase)

describe('openApiDocument', () => {
  it('describes what has a path, and only that', () => {
    const paths = pathsOf(openApiDocument(example))
    expect(Object.keys(paths)).toEqual(['/v1/boats', '/v1/boats/{id}'])
  })

  it('takes the params of a GET from the query', () => {
    const listed = pathsOf(openApiDocument(example))['/v1/boats']?.['get']
    expect(listed).toMatchObject({
      operationId: 'boats.list',
      'x-least-role': 'viewer',
      'x-scope': 'operator.read',
      parameters: [
        { name: 'limit', in: 'query', required: false },
        { name: 'colour', in: 'query', required: true },
      ],
    })
    expect(listed).not.toHaveProperty('requestBody')
  })

  it('takes those of a PUT from path and body', () => {
    const updated = pathsOf(openApiDocument(example))['/v1/boats/{id}']?.['put']
    expect(updated?.parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
    ])
    const { schema } = updated?.requestBody?.content['application/json'] ?? {}
    expect(Object.keys(schema?.properties ?? {})).toEqual(['name', 'length'])
    expect(schema?.required).toEqual(['name'])
  })

  it('describes the whole registry, every operation once, as plain JSON', () => {
    const document = openApiDocument(OPERATIONS)
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
    const described = Object.values(pathsOf(document)).flatMap((path) => Object.values(path))
    const bound = OPERATIONS.filter(({ http }) => http).map(({ name }) => name)
    expect(described.map(({ operationId }) => operationId).sort()).toEqual([...bound].sort())
    for (const { operationId, parameters, responses } of described) {
      expect(new Set(parameters.map(({ name }) => name)).size, operationId).toBe(parameters.length)
      expect(responses, operationId).toHaveProperty('default')
    }
  })
})
