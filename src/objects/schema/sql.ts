/** The part of an object's storage that schemas and timers use, so that both are tried in plain Node. */
export type SqlValue = ArrayBuffer | string | number | null

export interface Sql {
  exec(query: string, ...bindings: SqlValue[]): { toArray(): Record<string, SqlValue>[] }
}

export interface SqlStorage {
  readonly sql: Sql
  transactionSync<T>(closure: () => T): T
}
