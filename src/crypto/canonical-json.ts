/**
 * One text for one JSON value (RFC 8785: members sorted by UTF-16 code units, no white space,
 * ECMAScript numbers), so that hashes and MACs do not depend on the order in which keys were set.
 * It refuses what JSON cannot hold instead of dropping it: two different values never share a text.
 */
import { sha256Hex } from './digest.ts'

/** Deeper values do not come from our parsers; a recursion without end would be an attack. */
const MAX_DEPTH = 200

const compareCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new RangeError('value is nested too deeply for canonical JSON')
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value)
      // As JSON.stringify does: an optional property that is undefined is an absent one.
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => compareCodeUnits(a, b))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`)
}

export const canonicalJson = (value: unknown): string => write(value, 0)

/** SHA-256 (hex) of the canonical text. */
export const canonicalHash = (value: unknown): Promise<string> => sha256Hex(canonicalJson(value))
