/** Rows in their thousands, put straight into the database of a gateway that is stopped. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface RowCounts {
  readonly sessions: number
  readonly events: number
}

const EVENT_NAMES = ['auth_failed', 'exec_denied', 'rate_limited', 'tool_denied'] as const
const MINUTE_MS = 60_000

function databaseOf(state: string): DatabaseSync {
  const folder = join(state, 'data/d1/miniflare-D1DatabaseObject')
  const file = readdirSync(folder).find((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
  if (file === undefined) throw new Error(`there is no database in ${folder}`)
  return new DatabaseSync(join(folder, file))
}

/** @param state folder of a gateway that has run, and does not run now */
export function plantManyRows(state: string, { sessions, events }: RowCounts): void {
  const db = databaseOf(state)
  const { id: tenantId } = db.prepare("select id from tenants where slug = 'default'").get() as {
    id: string
  }
  const now = Date.now()
  db.exec('begin')
  const like = db.prepare('select * from session_index where tenant_id = ? limit 1').get(tenantId)
  if (like === undefined) throw new Error('the gateway has no session to make others like')
  const columns = Object.keys(like)
  const insert = db.prepare(
    `insert into session_index (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  )
  for (let i = 0; i < sessions; i++) {
    const row: Record<string, unknown> = {
      ...like,
      session_key: `agent:default:ws:direct:planted-${i}`,
      label: `Conversation ${i}`,
      created_at: now - i * MINUTE_MS,
      updated_at: now - i * MINUTE_MS,
    }
    insert.run(...columns.map((column) => row[column] as string | number | null))
  }
  const event = db.prepare(
    `insert into security_events (id, tenant_id, name, severity, fields, context, created_at)
     values (?, ?, ?, ?, ?, ?, ?)`,
  )
  for (let i = 0; i < events; i++) {
    const name = EVENT_NAMES[i % EVENT_NAMES.length] ?? 'auth_failed'
    const id = `sev_${String(i).padStart(24, '0')}`
    const at = now - i * 1_000
    event.run(id, tenantId, name, 'warn', '{"reason":"planted"}', '{"user_id":"ada"}', at)
  }
  db.exec('commit')
  db.close()
}
