/**
 * Objects and choices of the configuration whose refusals help: an unknown key is told with the
 * nearest known one, a platform setting with whose it is, a value of a choice with what there is. The
 * words stand in the schema, so that every door that parses says them.
 */
import { z } from 'zod'
import { nearestKey } from './nearest-key.ts'
import { isPlatformSetting } from './platform-settings.ts'

/** More than these in one object are not typing errors. */
const MAX_TOLD_KEYS = 3
const MAX_TOLD_CHARS = 64
const PLAIN = /^[\w-]{1,64}$/

const told = (key: PropertyKey): string =>
  PLAIN.test(String(key)) ? String(key) : JSON.stringify(String(key).slice(0, MAX_TOLD_CHARS))

const pathOf = (segments: readonly PropertyKey[]): string => segments.map(told).join('.')

function describeUnknown(parent: readonly PropertyKey[], key: string, known: readonly string[]) {
  const path = pathOf([...parent, key])
  if (isPlatformSetting(key)) {
    return `${path} belongs to the operator of the gateway: a tenant's settings cannot hold it`
  }
  const near = nearestKey(key, known)
  const hint = near === null ? '' : `; did you mean ${pathOf([...parent, near])}?`
  return `${path} is not a setting${hint}`
}

const knownKeys = (schema: unknown): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []

/** zod asks for the words when the whole is parsed: the path is that from the root by then. */
function tellUnknownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined
  // Of the object that refused, which may be an extended or partial one of what was declared.
  const known = knownKeys(issue.inst)
  const keys: readonly string[] = issue.keys
  return keys
    .slice(0, MAX_TOLD_KEYS)
    .map((key) => describeUnknown(issue.path ?? [], key, known))
    .join('; ')
}

export const settingsObject = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: tellUnknownKeys })

export const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: ({ input }) => {
      const near = typeof input === 'string' ? nearestKey(input, values) : null
      return `is one of ${values.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`
    },
  })
