/**
 * Whether a provider's stored key survives a change of its row: a key is bound to its destination,
 * else whoever may edit a provider could have the key sent to a host of their own.
 */
import { type Column, sql } from 'drizzle-orm'

export interface DestinationColumns {
  readonly type: Column
  readonly apiBase: Column
  readonly sealedApiKey: Column
}

export interface DestinationPatch {
  readonly type?: string | undefined
  readonly apiBase?: string | null | undefined
}

/** The stored key, or null once type or URL is another; decided against the row as it is then. */
export function keptKey(columns: DestinationColumns, { type, apiBase }: DestinationPatch) {
  const sameType = type === undefined ? sql`1` : sql`${columns.type} is ${type}`
  const sameBase = apiBase === undefined ? sql`1` : sql`${columns.apiBase} is ${apiBase}`
  return sql`case when ${sameType} and ${sameBase} then ${columns.sealedApiKey} end`
}
