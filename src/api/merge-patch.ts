/** JSON Merge Patch, RFC 7396 section 2. */
import { isJsonObject } from '../domain/json-object.ts'

/** Deeper than any document: what lies below is taken as it is, since a stack can be exhausted. */
const MAX_DEPTH = 100

export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isJsonObject(patch) || depth > MAX_DEPTH) return patch
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value, depth + 1))
  }
  // `fromEntries` defines own properties: a member named __proto__ stays a plain member.
  return Object.fromEntries(merged)
}
