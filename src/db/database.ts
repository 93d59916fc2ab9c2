/**
 * Opens D1 through Drizzle. D1 knows no BEGIN: several statements are atomic as one `batch()`,
 * which is also one round trip.
 */
import type { D1Database } from '@cloudflare/workers-types/experimental'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

export type Database = DrizzleD1Database

/** Typed as what it uses: every version of the platform's type fits. */
export type D1Binding = Pick<D1Database, 'prepare' | 'batch'>

export const openDatabase = (d1: D1Binding): Database => drizzle(d1 as D1Database)
