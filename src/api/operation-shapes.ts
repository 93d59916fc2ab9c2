/**
 * What the command line must know of each operation to offer it offline: one line of words, the least
 * role, and the outermost parameters. It is written to a file and checked against the registry by a
 * test; whether a value is right is judged by the gateway alone.
 */
import { z } from 'zod'
import type { AnyOperation } from './operation.ts'

/** `json` is whatever a flag cannot spell: an object, a list of objects, a choice of kinds. */
export type ParamKind = 'text' | 'number' | 'switch' | 'list' | 'json'

export interface ParamShape {
  readonly name: string
  readonly kind: ParamKind
  readonly isRequired?: true
  readonly choices?: readonly string[]
  readonly help?: string
}

export interface OperationShape {
  readonly summary: string
  readonly role: string
  readonly params: readonly ParamShape[]
}

export type OperationShapes = Readonly<Record<string, OperationShape>>

export const operationShapes = (operations: readonly AnyOperation[]): OperationShapes =>
  Object.fromEntries(
    operations
      .map(({ name, summary, access, params }): readonly [string, OperationShape] => [
        name,
        { summary, role: access.role, params: paramsOf(params) },
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

type Schema = Readonly<Record<string, unknown>>

function paramsOf(params: z.ZodType): readonly ParamShape[] {
  const schema: Schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })
  const required = listOf(schema['required'])
  return Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).map(
    ([name, property]) => {
      const { kind, choices } = kindOf(property)
      const help = property['description']
      return {
        name,
        kind,
        ...(required.includes(name) ? { isRequired: true as const } : {}),
        ...(choices.length === 0 ? {} : { choices }),
        ...(typeof help === 'string' ? { help } : {}),
      }
    },
  )
}

interface Kind {
  readonly kind: ParamKind
  readonly choices: readonly string[]
}

const plain = (kind: ParamKind): Kind => ({ kind, choices: [] })

function kindOf(schema: Schema): Kind {
  // `nullish` is a choice between something and null, written in one of two ways.
  const kinds = ((schema['anyOf'] ?? []) as Schema[]).filter(({ type }) => type !== 'null')
  const [only, ...others] = kinds
  if (only !== undefined && others.length === 0) return kindOf(only)
  const choices = listOf(schema['enum'])
  const own = kinds.length > 0 ? kinds.map(({ type }) => type) : schema['type']
  const types = (Array.isArray(own) ? own : [own]).filter((name) => name !== 'null')
  // A yes or no that a query string may spell as well.
  if (types.includes('boolean')) return plain('switch')
  switch (types.length === 1 ? types[0] : undefined) {
    case 'string':
      return { kind: 'text', choices }
    case 'integer':
    case 'number':
      return plain('number')
    case 'array': {
      const item = kindOf((schema['items'] ?? {}) as Schema)
      return item.kind === 'text' ? { kind: 'list', choices: item.choices } : plain('json')
    }
    default:
      return plain('json')
  }
}

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
