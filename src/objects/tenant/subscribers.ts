/** A tenant's control sockets: who is connected, and how those are told that an event is for. */
import type { ConnectionPort } from '../../domain/ports/connection.ts'
import type { Audience, Subscriber } from '../../domain/ports/tenant.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { SqlStorage } from '../schema/sql.ts'
import { addListener, connectionsFor } from './audience.ts'

export interface SubscriberPorts {
  readonly sql: SqlStorage['sql']
  connection(connectionId: string): ConnectionPort
  snapshot(): Promise<TenantSnapshot | null>
  /** One that is there no more; the table may be gone with it. */
  unsubscribe(connectionId: string): Promise<void>
}

export class Subscribers {
  readonly #ports: SubscriberPorts

  /** Touches no storage; the table must be there before the first call. */
  constructor(ports: SubscriberPorts) {
    this.#ports = ports
  }

  add(subscriber: Subscriber): void {
    addListener(this.#ports.sql, subscriber)
  }

  remove(connectionId: string): void {
    this.#ports.sql.exec('DELETE FROM subscribers WHERE connection_id = ?', connectionId)
  }

  get count(): number {
    const [row] = this.#ports.sql.exec('SELECT count(*) AS n FROM subscribers').toArray()
    return Number(row?.['n'] ?? 0)
  }

  /** @param agentKey of the agent that it is about; null: of none */
  idsOf(audience: Audience, agentKey: string | null): Promise<readonly string[]> {
    const { sql, snapshot } = this.#ports
    return connectionsFor(sql, audience, agentKey, snapshot)
  }

  async deliver(frame: string, audience: Audience, agentKey: string | null): Promise<void> {
    const ids = await this.idsOf(audience, agentKey)
    await this.#each(ids, (connection) => connection.deliver([frame]))
  }

  /** Each proves its credential anew. */
  recheck(): Promise<void> {
    return this.#each(this.#all(), (connection) => connection.recheck())
  }

  #all(): readonly string[] {
    const rows = this.#ports.sql.exec('SELECT connection_id FROM subscribers').toArray()
    return rows.map((row) => String(row['connection_id']))
  }

  /** Those that are there no more are forgotten. */
  async #each(ids: readonly string[], act: (port: ConnectionPort) => Promise<boolean>) {
    const one = async (id: string): Promise<void> => {
      const isThere = await act(this.#ports.connection(id)).catch(() => false)
      if (!isThere) await this.#ports.unsubscribe(id)
    }
    await Promise.all(ids.map(one))
  }
}
