/** Column kinds that every table shares. It holds no table. */
import { integer, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../domain/ids.ts'

/** First part of every key and index: a query without it finds nothing cheap to run on. */
export const tenantIdColumn = () => text('tenant_id').$type<TenantId>().notNull()

/** Milliseconds since 1970, UTC. */
export const timeColumn = (name: string) => integer(name)

export const flagColumn = (name: string) => integer(name, { mode: 'boolean' })

/** Parsed as JSON by the driver and by a zod schema in the repository: what is read is unknown. */
export const jsonColumn = (name: string) => text(name, { mode: 'json' }).$type<unknown>()

export const createdAtColumn = () => timeColumn('created_at').notNull()
export const updatedAtColumn = () => timeColumn('updated_at').notNull()
