/** What a workspace holds, for people who look through it: sums, and pages of names. It opens no file. */
import type { ListedFile, ListQuery, WorkspaceSummary } from '../../domain/ports/workspace.ts'
import type { SqlStorage } from '../schema/sql.ts'

type Sql = SqlStorage['sql']

/** Behind every path that begins with a prefix. */
const LAST = '\u{10ffff}'

export function summaryOf(sql: Sql): WorkspaceSummary {
  const [held] = sql
    .exec('SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM entry')
    .toArray()
  const [last] = sql.exec('SELECT at FROM root ORDER BY seq DESC LIMIT 1').toArray()
  return {
    files: Number(held?.['files'] ?? 0),
    bytes: Number(held?.['bytes'] ?? 0),
    changedAt: last === undefined ? null : Number(last['at']),
  }
}

export const FILES_PAGE = `SELECT entry.*, root.at FROM entry LEFT JOIN root ON root.seq = entry.changed_seq
  WHERE path >= ? AND path < ? AND path > ? ORDER BY path LIMIT ?`

/** In the order of their paths. When a file changed is known for as long as its root is remembered. */
export const filesOf = (sql: Sql, { prefix, after, limit }: ListQuery): readonly ListedFile[] =>
  sql
    .exec(FILES_PAGE, prefix, `${prefix}${LAST}`, after, limit)
    .toArray()
    .map((row) => ({
      path: String(row['path']),
      size: Number(row['size']),
      mode: Number(row['mode']),
      isUntrusted: row['is_untrusted'] === 1,
      changedAt: typeof row['at'] === 'number' ? row['at'] : null,
    }))
