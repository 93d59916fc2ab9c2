/** Tells a name that is taken already from every other failure of the database. */

/** Drizzle wraps D1's error, which wraps SQLite's. */
const MAX_CAUSES = 5

/** `column` as SQLite names it: `agents.key`. */
export function isUniqueViolation(error: unknown, column: string): boolean {
  let current: unknown = error
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    const [, columns] = /UNIQUE constraint failed: ([\w., ]+)/.exec(current.message) ?? []
    if (columns?.split(', ').includes(column)) return true
    current = current.cause
  }
  return false
}
