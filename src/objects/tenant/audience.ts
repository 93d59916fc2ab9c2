/**
 * Which of a tenant's control sockets an event is for: by their user or role, and, where a socket's
 * credential reaches some agents only, by the agent that the event is about. One that is about no
 * agent reaches no such socket.
 */
import type { Audience, Subscriber } from '../../domain/ports/tenant.ts'
import { parseSessionKey } from '../../domain/session-key.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { SqlStorage } from '../schema/sql.ts'

type Sql = SqlStorage['sql']

interface Listener {
  readonly connectionId: string
  /** Ids of the agents that its credential reaches; null: every one. */
  readonly agents: readonly string[] | null
}

export function addListener(sql: Sql, subscriber: Subscriber): void {
  const { connectionId, userId, role, isApprover, allowedAgents = null } = subscriber
  sql.exec(
    'INSERT OR REPLACE INTO subscribers (connection_id, user_id, role, is_approver, agents) VALUES (?, ?, ?, ?, ?)',
    connectionId,
    userId,
    role,
    isApprover ? 1 : 0,
    allowedAgents === null ? null : JSON.stringify(allowedAgents),
  )
}

/** @param agentKey of the agent that it is about; null: of none */
export async function connectionsFor(
  sql: Sql,
  audience: Audience,
  agentKey: string | null,
  snapshot: () => Promise<TenantSnapshot | null>,
): Promise<readonly string[]> {
  const listeners = listenersOf(sql, audience)
  if (listeners.every(({ agents }) => agents === null))
    return listeners.map(({ connectionId }) => connectionId)
  const about = (await snapshot())?.agents.find(({ key }) => key === agentKey)?.id
  return listeners
    .filter(({ agents }) => agents === null || (about !== undefined && agents.includes(about)))
    .map(({ connectionId }) => connectionId)
}

function listenersOf(sql: Sql, audience: Audience): readonly Listener[] {
  const listeners = (query: string, ...bindings: string[]): readonly Listener[] =>
    sql
      .exec(`SELECT connection_id, agents FROM subscribers WHERE ${query}`, ...bindings)
      .toArray()
      .map((row) => ({
        connectionId: String(row['connection_id']),
        agents: row['agents'] === null ? null : (JSON.parse(String(row['agents'])) as string[]),
      }))
  switch (audience.kind) {
    case 'user':
      return listeners('user_id = ?', audience.userId)
    case 'admins':
      return listeners("role IN ('admin', 'owner')")
    case 'approvers':
      return listeners(
        "is_approver = 1 OR role IN ('admin', 'owner') OR user_id = ?",
        audience.userId,
      )
  }
}

/** The agent that a gateway event is about, by the names under which events tell it. */
export function agentKeyIn(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null) return null
  const { sessionKey, agentKey, agentId } = payload as Readonly<Record<string, unknown>>
  if (typeof sessionKey === 'string') {
    const key = parseSessionKey(sessionKey)
    return key.ok ? key.value.agentKey : null
  }
  const named = agentKey ?? agentId
  return typeof named === 'string' ? named : null
}
