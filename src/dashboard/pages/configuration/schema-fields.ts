/**
 * A JSON Schema as the fields of a form. What it does not know how to draw is a field of JSON, so that
 * no setting is missing because its kind is new.
 */
import { isJsonObject, type JsonObject } from '../../client/json.ts'

export type Path = readonly string[]

interface FieldBase {
  readonly path: Path
  /** The last name of the path, in words. */
  readonly title: string
  readonly help: string | null
  /** What holds when nothing is said; undefined: nothing does. */
  readonly fallback: unknown
}

export type Field = FieldBase &
  (
    | { readonly kind: 'switch' | 'text' | 'list' | 'json' }
    | { readonly kind: 'choice'; readonly options: readonly string[] }
    | {
        readonly kind: 'number'
        readonly min: number | undefined
        readonly max: number | undefined
        readonly isInteger: boolean
      }
    | { readonly kind: 'group'; readonly fields: readonly Field[] }
  )

/** `rate_limit_rpm` and `execApproval` as people read them. */
export function inWords(name: string): string {
  const spaced = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

const DEFINITIONS = '#/$defs/'

/** What a reference names; a reference to a reference is followed once more, and no further. */
function resolved(schema: JsonObject, root: JsonObject, left = 2): JsonObject {
  const { $ref: reference } = schema
  if (typeof reference !== 'string' || !reference.startsWith(DEFINITIONS) || left === 0)
    return schema
  const { $defs: definitions } = root
  const found = isJsonObject(definitions) ? definitions[reference.slice(DEFINITIONS.length)] : null
  const { $ref: _, ...beside } = schema
  return isJsonObject(found) ? resolved({ ...found, ...beside }, root, left - 1) : schema
}

/** Numbers that stand for "no bound" in the schema help nobody. */
const boundOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined

const isText = (value: unknown): value is string => typeof value === 'string'

function fieldOf(name: string, described: JsonObject, path: Path, root: JsonObject): Field {
  const schema = resolved(described, root)
  const { type, description, default: fallback, properties, items } = schema
  const base: FieldBase = {
    path: [...path, name],
    title: inWords(name),
    help: isText(description) ? description : null,
    fallback,
  }
  const { enum: options } = schema
  if (Array.isArray(options))
    return options.every(isText) ? { ...base, kind: 'choice', options } : { ...base, kind: 'json' }
  if (type === 'boolean') return { ...base, kind: 'switch' }
  if (type === 'string') return { ...base, kind: 'text' }
  if (type === 'number' || type === 'integer') {
    const { minimum, maximum, exclusiveMinimum } = schema
    const isInteger = type === 'integer'
    const above = boundOf(exclusiveMinimum)
    const min = boundOf(minimum) ?? (isInteger && above !== undefined ? above + 1 : above)
    return { ...base, kind: 'number', min, max: boundOf(maximum), isInteger }
  }
  if (type === 'array' && isJsonObject(items) && resolved(items, root)['type'] === 'string')
    return { ...base, kind: 'list' }
  if (type === 'object' && isJsonObject(properties))
    return { ...base, kind: 'group', fields: membersOf(properties, base.path, root) }
  return { ...base, kind: 'json' }
}

const membersOf = (properties: JsonObject, path: Path, root: JsonObject): readonly Field[] =>
  Object.entries(properties).flatMap(([name, schema]) =>
    isJsonObject(schema) ? [fieldOf(name, schema, path, root)] : [],
  )

/** One for each top-level key. */
export function sectionsOf(schema: JsonObject): readonly Field[] {
  const { properties } = schema
  return isJsonObject(properties) ? membersOf(properties, [], schema) : []
}
