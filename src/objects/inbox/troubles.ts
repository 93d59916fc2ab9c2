/**
 * What an instance's admins are told of its trouble: the first at once, what comes after it together.
 * Each of it stands in the inbox by itself; a flood of it in the feed would hide everything else.
 */
import type { Timers } from '../alarms.ts'
import type { Sql } from '../schema/sql.ts'

export const TELL = 'tell'

/** Of one kind no more often than this. */
const TOGETHER_MS = 60_000

export type TroubleKind = 'delivery_dead' | 'delivery_unknown'

export interface TroubleParts {
  readonly sql: Sql
  readonly timers: Pick<Timers, 'setNoLater'>
  now(): number
  report(kind: TroubleKind, fields: Readonly<Record<string, string>>): Promise<void>
}

interface Trouble {
  readonly lane: string
  readonly reason: string
}

export class Troubles {
  readonly #parts: TroubleParts

  constructor(parts: TroubleParts) {
    this.#parts = parts
  }

  async note(kind: TroubleKind, { lane, reason }: Trouble): Promise<void> {
    const { sql, timers, now, report } = this.#parts
    const [row] = sql.exec('SELECT told_at FROM troubles WHERE kind = ?', kind).toArray()
    const toldAt = row === undefined ? Number.NEGATIVE_INFINITY : Number(row['told_at'])
    const isSoon = now() < toldAt + TOGETHER_MS
    sql.exec(
      `INSERT INTO troubles (kind, told_at, untold, lane, reason) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (kind) DO UPDATE SET told_at = excluded.told_at,
       untold = untold + excluded.untold, lane = excluded.lane, reason = excluded.reason`,
      kind,
      isSoon ? toldAt : now(),
      isSoon ? 1 : 0,
      lane,
      reason,
    )
    if (isSoon) await timers.setNoLater(TELL, toldAt + TOGETHER_MS)
    else await report(kind, { lane, reason })
  }

  /** The handler of the timer: how many there were since, with the last of them. */
  async tell(): Promise<void> {
    const { sql, now, report } = this.#parts
    const rows = sql.exec('SELECT * FROM troubles WHERE untold > 0').toArray()
    for (const { kind, untold, lane, reason } of rows) {
      sql.exec('UPDATE troubles SET untold = 0, told_at = ? WHERE kind = ?', now(), String(kind))
      const count = String(untold)
      const fields = { lane: String(lane), reason: String(reason), count }
      await report(String(kind) as TroubleKind, fields)
    }
  }
}
