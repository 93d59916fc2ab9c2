/** OpenAPI 3.1, generated from the registry: what is declared there is all there is to say. */
import { z } from 'zod'
import type { AnyOperation } from '../api/operation.ts'

type JsonObject = Record<string, unknown>

const ERROR_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        details: { type: 'object' },
      },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
}

const IDEMPOTENCY_KEY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Repeating the request under the same key within an hour answers the first one again.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
}

export function openApiDocument(operations: readonly AnyOperation[]): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const operation of operations) {
    const { http } = operation
    if (!http) continue
    paths[http.path] = { ...paths[http.path], [http.method.toLowerCase()]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'EdgeClaw',
      version: '0.1.0',
      description: 'The operations of the gateway, as its registry declares them.',
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: ERROR_SCHEMA },
    },
  }
}

function describe(operation: AnyOperation): JsonObject {
  const { name, summary, access, http } = operation
  const params = schemaOf(operation.params, 'input')
  const properties = (params['properties'] ?? {}) as Record<string, JsonObject>
  const inPath = [...(http?.path.matchAll(/\{(\w+)\}/g) ?? [])].map(([, parameter]) =>
    String(parameter),
  )
  const others = Object.fromEntries(
    Object.entries(properties).filter(([key]) => !inPath.includes(key)),
  )
  const hasBody = http?.method !== 'GET' && http?.method !== 'DELETE'
  const required = ((params['required'] ?? []) as string[]).filter((key) => !inPath.includes(key))
  return {
    operationId: name,
    summary,
    'x-least-role': access.role,
    'x-scope': access.scope,
    parameters: [
      ...inPath.map((key) => ({
        name: key,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(hasBody
        ? []
        : Object.entries(others).map(([key, schema]) => ({
            name: key,
            in: 'query',
            required: required.includes(key),
            schema,
          }))),
      ...(http?.method === 'GET' ? [] : [IDEMPOTENCY_KEY]),
    ],
    ...(hasBody && Object.keys(others).length > 0
      ? {
          requestBody: {
            required: required.length > 0,
            content: {
              'application/json': { schema: { type: 'object', properties: others, required } },
            },
          },
        }
      : {}),
    responses: {
      [String(http?.status ?? 200)]: {
        description: 'The answer',
        content: { 'application/json': { schema: schemaOf(operation.result, 'output') } },
      },
      default: {
        description: 'What was wrong',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
