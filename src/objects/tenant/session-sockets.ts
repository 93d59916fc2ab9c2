/**
 * Which sessions have sockets of their own, so that they can be told when rights changed: nobody else
 * would wake a session that sleeps. Entered by the socket's own id, so that a session that is left
 * and entered at the same moment is neither forgotten nor remembered for nothing.
 */
import type { Services } from '../../api/context.ts'
import type { TenantId } from '../../domain/ids.ts'
import { logError } from '../../telemetry/log.ts'
import type { SqlStorage } from '../schema/sql.ts'

export class TenantSessionSockets {
  readonly #sql: SqlStorage['sql']
  readonly #services: Services
  /** As the last recheck saw it: most changes are of configuration, and of nobody's rights. */
  #authVersion: number | null = null

  /** Touches no storage; the table must be there before the first call. */
  constructor(sql: SqlStorage['sql'], services: Services) {
    this.#sql = sql
    this.#services = services
  }

  opened(socketId: string, sessionKey: string): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO session_sockets (socket_id, session_key) VALUES (?, ?)',
      socketId,
      sessionKey,
    )
  }

  closed(socketId: string): void {
    this.#sql.exec('DELETE FROM session_sockets WHERE socket_id = ?', socketId)
  }

  /**
   * Each session proves the rights of its sockets anew; what is gone there is forgotten here.
   *
   * @param authVersion in force; null where the tenant is gone
   */
  async recheck(tenantId: TenantId, authVersion: number | null): Promise<void> {
    if (authVersion !== null && authVersion === this.#authVersion) return
    this.#authVersion = authVersion
    const sessions = Map.groupBy(
      this.#sql.exec('SELECT socket_id, session_key FROM session_sockets').toArray(),
      (row) => String(row['session_key']),
    )
    await Promise.all(
      [...sessions].map(async ([sessionKey, rows]) => {
        const asked = rows.map((row) => String(row['socket_id']))
        try {
          const session = this.#services.session(tenantId, sessionKey)
          const open = new Set(await session.recheckSockets(asked, authVersion))
          for (const socketId of asked) if (!open.has(socketId)) this.closed(socketId)
        } catch (error) {
          // Its next frame is refused all the same.
          logError('tenant.recheck.failed', error, { tenantId })
        }
      }),
    )
  }
}
