/**
 * The registry as TypeScript, for clients that bundle nothing of it: params, their choices and the answer
 * of each operation, one file per resource. It is written to files and checked against the registry by a
 * test.
 */
import { z } from 'zod'
import type { AnyOperation } from '../src/api/operation.ts'

type Schema = Readonly<Record<string, unknown>>

/** Biome's own width: what fits is one line. */
const LINE_WIDTH = 100
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** `channels.instances.list` → `channels`; the file that holds its types. */
const resourceOf = (name: string): string => {
  const [first = ''] = name.split('.')
  return first.replaceAll('_', '-')
}

/** File name without its ending → its text. */
export function clientTypes(operations: readonly AnyOperation[]): ReadonlyMap<string, string> {
  const resources = new Map<string, AnyOperation[]>()
  for (const operation of [...operations].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const resource = resourceOf(operation.name)
    resources.set(resource, [...(resources.get(resource) ?? []), operation])
  }
  const files = new Map<string, string>()
  for (const [resource, members] of resources) {
    const text = members.map(entryOf).join('\n')
    const written = [
      '// Written by `npm run operations` from the registry.',
      '',
      `export interface ${interfaceOf(resource)} {`,
      text,
      '}',
      '',
    ].join('\n')
    files.set(resource, written + choicesOf(members))
  }
  files.set('index', indexOf(operations, [...resources.keys()]))
  return files
}

const interfaceOf = (resource: string): string =>
  `${resource.replaceAll(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase())}Operations`

function indexOf(operations: readonly AnyOperation[], resources: readonly string[]): string {
  const imports = resources.map(
    (resource) => `import type { ${interfaceOf(resource)} } from './${resource}.ts'`,
  )
  const bases = resources.map((resource) => `    ${interfaceOf(resource)}`)
  const access = [...operations]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, access: { role, scope, orScopes = [] } }) => {
      const scopes = [scope, ...orScopes].map((each) => `'${each}'`).join(', ')
      return `  '${name}': ['${role}', ${scopes}],`
    })
  return [
    '// Written by `npm run operations` from the registry.',
    '',
    ...imports,
    '',
    'export interface Operations',
    '  extends',
    `${bases.join(',\n')} {}`,
    '',
    '/** The least role of each, then the scopes that open it to an API key. */',
    'export const ACCESS: Readonly<Record<keyof Operations, readonly [role: string, ...scopes: string[]]>> = {',
    ...access,
    '}',
    '',
  ].join('\n')
}

function entryOf({ name, summary, params, result }: AnyOperation): string {
  const input = typeOf(schemaOf(params, 'input'), 2)
  const output = typeOf(schemaOf(result, 'output'), 2)
  return [
    `  /** ${summary.replaceAll('*/', '* /')} */`,
    `  '${name}': {`,
    `    params: ${input}`,
    `    result: ${output}`,
    '  }',
  ].join('\n')
}

/** Values of params that are one of a few, for whoever offers them; nothing where there are none. */
function choicesOf(operations: readonly AnyOperation[]): string {
  const entries = operations.flatMap(({ name, params }) => {
    const properties = (schemaOf(params, 'input')['properties'] ?? {}) as Record<string, Schema>
    const lists = Object.entries(properties).flatMap(([param, { enum: values }]) =>
      Array.isArray(values) ? [`${JSON.stringify(param)}: ${JSON.stringify(values)}`] : [],
    )
    return lists.length === 0 ? [] : [`  '${name}': { ${lists.join(', ')} },`]
  })
  if (entries.length === 0) return ''
  return ['', 'export const CHOICES = {', ...entries, '} as const', ''].join('\n')
}

const schemaOf = (type: z.ZodType, io: 'input' | 'output'): Schema =>
  z.toJSONSchema(type, { io, unrepresentable: 'any' })

function typeOf(schema: Schema, depth: number): string {
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined
  if (choices) return unionOf(choices.map((choice) => typeOf(choice, depth)))
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (Array.isArray(schema['enum']))
    return unionOf(schema['enum'].map((value: unknown) => JSON.stringify(value)))
  const { type } = schema
  if (Array.isArray(type))
    return unionOf(type.map((each) => typeOf({ ...schema, type: each }, depth)))
  switch (type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return arrayOf(schema, depth)
    case 'object':
      return objectOf(schema, depth)
    default:
      return 'unknown'
  }
}

function unionOf(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  return distinct.includes('unknown') ? 'unknown' : distinct.join(' | ')
}

function arrayOf(schema: Schema, depth: number): string {
  const prefix = schema['prefixItems'] as Schema[] | undefined
  if (prefix) return `readonly [${prefix.map((item) => typeOf(item, depth)).join(', ')}]`
  const item = typeOf((schema['items'] ?? {}) as Schema, depth)
  return item.includes(' | ') || item.startsWith('readonly ')
    ? `readonly (${item})[]`
    : `readonly ${item}[]`
}

function objectOf(schema: Schema, depth: number): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
  const required = new Set((schema['required'] ?? []) as readonly string[])
  if (properties.length === 0) {
    const values = schema['additionalProperties']
    if (typeof values !== 'object' || values === null) return 'Record<string, unknown>'
    return `Readonly<Record<string, ${typeOf(values as Schema, depth)}>>`
  }
  const members = properties.map(([name, property]) => {
    const key = IDENTIFIER.test(name) ? name : JSON.stringify(name)
    return `${key}${required.has(name) ? '' : '?'}: ${typeOf(property, depth + 1)}`
  })
  const others = otherMembers(schema['additionalProperties'], depth)
  if (others !== null) members.push(others)
  const line = `{ ${members.join('; ')} }`
  if (!line.includes('\n') && line.length + depth * 2 < LINE_WIDTH - 10) return line
  const indent = '  '.repeat(depth + 1)
  return `{\n${members.map((member) => `${indent}${member}\n`).join('')}${'  '.repeat(depth)}}`
}

/** What a schema says of members that it does not name. */
function otherMembers(values: unknown, depth: number): string | null {
  if (typeof values !== 'object' || values === null) return null
  const type = typeOf(values as Schema, depth + 1)
  return type === 'unknown' ? null : `[name: string]: ${type}`
}
