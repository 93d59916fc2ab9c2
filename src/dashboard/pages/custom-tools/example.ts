/** Arguments to begin a trial with: what the schema asks for, each with a value of its type. Pure. */
import { isJsonObject, type JsonObject, objectOf } from '../../client/json.ts'

const VALUES: Readonly<Record<string, unknown>> = {
  string: '',
  number: 0,
  integer: 0,
  boolean: false,
  array: [],
  object: {},
}

function sampleOf(schema: JsonObject): unknown {
  if ('default' in schema) return schema['default']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  return VALUES[String(schema['type'])] ?? null
}

export function exampleOf(schema: JsonObject): JsonObject {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const asked = Object.entries(objectOf(schema['properties'])).filter(([name]) =>
    required.includes(name),
  )
  return Object.fromEntries(
    asked.map(([name, each]) => [name, isJsonObject(each) ? sampleOf(each) : null]),
  )
}
