/**
 * The JSON Schema of a server's tool: whether it may be offered, and whether arguments fit it. The
 * schema is a stranger's program that runs here: what could run for ever is refused or left out. What
 * is left out (patterns, formats) the server checks for itself.
 */
import { Validator } from '@cfworker/json-schema'
import { type JsonObject, jsonObjectSchema } from '../../domain/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import {
  MAX_ARGUMENT_CHARS,
  MAX_CHECK_STEPS,
  MAX_DEPTH,
  MAX_SCHEMA_CHARS,
  MAX_SCHEMA_NODES,
} from './limits.ts'

const DRAFTS = {
  '2020-12': '2020-12',
  '2019-09': '2019-09',
  'draft-07': '7',
  'draft-04': '4',
} as const
type Draft = (typeof DRAFTS)[keyof typeof DRAFTS]

/**
 * Regular expressions of strangers, what compares everything with everything, and what could hide the
 * like from us: the validator reads some of these as schemas once a reference leads there.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'pattern',
  'patternProperties',
  'format',
  'uniqueItems',
  'dependencies',
  'default',
  'examples',
])
/** Names of members are data below these, and no keywords. */
const NAME_MAPS: ReadonlySet<string> = new Set([
  'properties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
])
/** Data, whatever it looks like. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples'])
const OTHER_REFERENCES = ['$dynamicRef', '$recursiveRef', '$id', 'id', '$anchor', '$dynamicAnchor']

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function depthOf(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return left > 0 && Object.values(value).every((member) => depthOf(member, left - 1))
}

/** Of a value that is known not to be too deep. */
const countData = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, member) => sum + countData(member), 1)
    : 1

/** `#`, `#/a/b`: inside of this document. */
function targetOf(root: JsonObject, reference: string): unknown {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let at: unknown = root
  for (const part of reference.slice(2).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

/**
 * Places of the schema with every reference written out where it stands, or why it has no such number.
 * A reference that leads back to itself has none.
 */
function countPlaces(root: JsonObject): Result<number, string> {
  const known = new Map<object, number>()
  const open = new Set<object>()
  let fault: string | null = null
  const count = (node: unknown, isNames: boolean): number => {
    if (fault !== null || typeof node !== 'object' || node === null) return 1
    const counted = known.get(node)
    if (counted !== undefined) return counted
    if (open.has(node)) {
      fault = 'its schema refers to itself'
      return 1
    }
    open.add(node)
    let places = 1
    for (const [name, member] of Object.entries(node)) {
      if (!isNames && DATA.has(name)) {
        places += countData(member)
        continue
      }
      if (!isNames && name === '$ref') {
        const target = typeof member === 'string' ? targetOf(root, member) : undefined
        if (target === undefined) fault ??= 'its schema refers to something outside of itself'
        else places += count(target, false)
        continue
      }
      places += count(member, !isNames && NAME_MAPS.has(name))
    }
    open.delete(node)
    known.set(node, places)
    if (places > MAX_SCHEMA_NODES) fault ??= 'its schema is too large to be checked'
    return places
  }
  const places = count(root, false)
  return fault === null ? ok(places) : err(fault)
}

/** Members that count what they were left without would refuse what they allowed. */
function withoutCostly(node: unknown, isNames: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutCostly(item, false))
  if (!isObject(node)) return node
  const hasPatterns = !isNames && 'patternProperties' in node
  const kept: [string, unknown][] = []
  for (const [name, member] of Object.entries(node)) {
    if (!isNames) {
      if (LEFT_OUT.has(name)) continue
      if (hasPatterns && (name === 'additionalProperties' || name === 'unevaluatedProperties'))
        continue
      if (DATA.has(name)) {
        kept.push([name, member])
        continue
      }
    }
    kept.push([name, withoutCostly(member, !isNames && NAME_MAPS.has(name))])
  }
  return Object.fromEntries(kept)
}

function hasOther(node: unknown, isNames: boolean): boolean {
  if (Array.isArray(node)) return node.some((item) => hasOther(item, false))
  if (!isObject(node)) return false
  if (!isNames && OTHER_REFERENCES.some((name) => Object.hasOwn(node, name))) return true
  return Object.entries(node).some(
    ([name, member]) =>
      (isNames || !DATA.has(name)) && hasOther(member, !isNames && NAME_MAPS.has(name)),
  )
}

function draftOf(schema: JsonObject): Draft | null {
  const named = schema['$schema']
  if (named === undefined) return '2020-12'
  if (typeof named !== 'string') return null
  const known = Object.entries(DRAFTS).find(([name]) => named.includes(name))
  return known === undefined ? null : known[1]
}

/** A schema that may be offered; the error says of the tool what is wrong, in words for an admin. */
export function checkSchema(schema: unknown): Result<JsonObject, string> {
  const parsed = jsonObjectSchema.safeParse(schema)
  if (!parsed.success) return err('it has no schema')
  if (!depthOf(parsed.data, MAX_DEPTH)) return err('its schema is nested too deeply')
  if (JSON.stringify(parsed.data).length > MAX_SCHEMA_CHARS) return err('its schema is too long')
  if (parsed.data['type'] !== 'object') return err('its schema is not one of an object')
  if (draftOf(parsed.data) === null) return err('its schema is in a dialect that is not known')
  if (hasOther(parsed.data, false))
    return err('its schema has references of a kind that is not followed')
  const places = countPlaces(parsed.data)
  return places.ok ? ok(parsed.data) : places
}

export type ArgumentCheck = (args: unknown) => Result<JsonObject, string>

/** For a schema that `checkSchema` passed. The error names faults in words for the model. */
export function createArgumentCheck(schema: JsonObject): ArgumentCheck {
  const places = countPlaces(schema)
  const draft = draftOf(schema)
  if (!places.ok || draft === null) return () => err('the tool has no schema that can be checked')
  let validator: Validator | null = null
  return (args) => {
    if (!isObject(args)) return err('the arguments must be an object')
    if (!depthOf(args, MAX_DEPTH)) return err('the arguments are nested too deeply')
    const size = JSON.stringify(args).length
    if (size > MAX_ARGUMENT_CHARS || countData(args) * places.value > MAX_CHECK_STEPS) {
      return err('the arguments are too large')
    }
    validator ??= new Validator(withoutCostly(schema, false) as object, draft, true)
    try {
      const { valid, errors } = validator.validate(args)
      if (valid) return ok(args)
      const told = errors.slice(-1).map(({ instanceLocation: at, error }) => `${at}: ${error}`)
      return err(told.join('; ').slice(0, 500))
    } catch {
      return err('the arguments cannot be checked against the schema of the tool')
    }
  }
}
