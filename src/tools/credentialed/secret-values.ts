/**
 * What of an environment's values can be told piece by piece: a program prints the password of a
 * connection string, or one field of a key file, without the rest.
 */

/** Shorter leaves of a key file are words, not secrets. */
const MIN_LEAF_CHARS = 16
const MAX_DEPTH = 8

/** Every value, and its pieces; for the dictionary of the run. */
export function secretValues(env: Readonly<Record<string, string>>): readonly string[] {
  const found = new Set<string>()
  for (const value of Object.values(env)) {
    found.add(value)
    for (const piece of piecesOf(value)) found.add(piece)
  }
  return [...found]
}

function piecesOf(value: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#@]+)@/i.exec(value)?.[1]
  if (password !== undefined) return [password, decoded(password)]
  if (!/^\s*[{[]/.test(value)) return []
  try {
    return leavesOf(JSON.parse(value), 0)
  } catch {
    return []
  }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function leavesOf(json: unknown, depth: number): readonly string[] {
  if (typeof json === 'string') {
    return json.length >= MIN_LEAF_CHARS && !/^https?:/.test(json) ? [json] : []
  }
  if (typeof json !== 'object' || json === null || depth > MAX_DEPTH) return []
  return Object.values(json).flatMap((each) => leavesOf(each, depth + 1))
}
