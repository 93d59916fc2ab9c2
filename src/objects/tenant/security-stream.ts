/**
 * A tenant's security events: each into the audit chain and, by way of a table, into the tenant's list. A
 * flood of equal ones is counted; the counts follow within seconds, so that no silence after a flood, and
 * no eviction, takes them along. It judges no event.
 */
import { newId } from '../../crypto/random.ts'
import type { NewSecurityEvent } from '../../db/security-events.ts'
import type { AuditEntry } from '../../domain/audit-record.ts'
import type { SecurityEvent, SecurityEventName } from '../../domain/security-event.ts'
import { type Counted, EventThrottle } from '../../telemetry/event-throttle.ts'
import type { Timers } from '../alarms.ts'
import type { SqlStorage } from '../schema/sql.ts'
import type { NoteLine } from './log-ring.ts'

const FLUSH = 'flushSecurityEvents'
const COUNTS = 'countSecurityEvents'
/** Events wait this long for company on their way to D1. */
const FLUSH_DELAY_MS = 1_000
const FLUSH_BATCH = 500
/** An object that is asked nothing loses its memory after ten seconds. */
const COUNT_DELAY_MS = 5_000
/** Of one name and person, whatever they are about: who invents targets invents no rows. */
const KEPT_OF_A_PERSON = 100
const MAX_COUNTS_TOLD = 100
/** What an event is about, where it says so: a flood about one thing hides no event about another. */
const TARGETS = ['tool', 'binary', 'target', 'source', 'agent_id', 'reason']

export interface StreamPorts {
  readonly storage: Pick<SqlStorage, 'sql'>
  readonly timers: Pick<Timers, 'set' | 'setIfAbsent'>
  append(entries: readonly AuditEntry[]): Promise<void>
  /** To the admins who listen. */
  publish(payload: Readonly<Record<string, unknown>>): Promise<void>
  /** Into the log that admins look at. */
  readonly note?: NoteLine
  copy(events: readonly NewSecurityEvent[]): Promise<void>
  now(): number
}

type Context = Readonly<Record<string, string>>
type Kind = readonly [name: SecurityEventName, userId: string, target: string]

export class SecurityStream {
  readonly #ports: StreamPorts
  readonly #alike = new EventThrottle()
  readonly #ofPerson = new EventThrottle(KEPT_OF_A_PERSON)

  /** Touches no storage. */
  constructor(ports: StreamPorts) {
    this.#ports = ports
  }

  /** The table of events must be there. */
  async record(events: readonly SecurityEvent[], context: Context): Promise<void> {
    const { timers, now } = this.#ports
    const seen: AuditEntry[] = []
    let isCounting = false
    for (const event of events) {
      const repeated = this.#take(event, context['userId'] ?? '')
      if (repeated === null) isCounting = true
      else seen.push(await this.#keep(event, repeated, context))
    }
    if (isCounting) await timers.setIfAbsent(COUNTS, now() + COUNT_DELAY_MS)
    if (seen.length === 0) return
    await timers.setIfAbsent(FLUSH, now() + FLUSH_DELAY_MS)
    await this.#ports.append(seen)
  }

  /** Whether the timer was one of the stream's. */
  async onTimer(name: string): Promise<boolean> {
    if (name === FLUSH) await this.#flush()
    else if (name === COUNTS) await this.#tellCounts()
    else return false
    return true
  }

  /** @returns how many went uncounted before it; null when it is counted itself */
  #take({ name, fields }: SecurityEvent, userId: string): number | null {
    const target = TARGETS.flatMap((field) => fields[field] ?? [])[0] ?? ''
    const kind: Kind = [name, userId, String(target)]
    const key = JSON.stringify(kind)
    const alike = this.#alike.take(key, this.#ports.now())
    if (!alike.isKept) return null
    const all = this.#ofPerson.take(JSON.stringify([name, userId, '']), this.#ports.now())
    if (all.isKept) return alike.repeated + all.repeated
    this.#alike.untell(key, alike.repeated)
    return null
  }

  async #keep(event: SecurityEvent, repeated: number, context: Context): Promise<AuditEntry> {
    const fields = repeated > 0 ? { ...event.fields, repeated } : event.fields
    const { id, severity, createdAt } = this.#store({ ...event, fields }, context)
    const name = `security.${event.name}`
    const { sessionKey: session, ...ids } = context
    this.#ports.note?.(event.severity, name, { ...ids, ...(session ? { session } : {}), ...fields })
    // As the list of events shows it.
    const created_at = new Date(createdAt).toISOString()
    await this.#ports.publish({ id, name, severity, created_at, ...context, ...fields })
    return entryOf(event.name, context, fields)
  }

  #store(event: SecurityEvent, context: Context): NewSecurityEvent {
    const { storage, now } = this.#ports
    const row: NewSecurityEvent = { ...event, id: newId('sev'), context, createdAt: now() }
    storage.sql.exec(
      'INSERT INTO security_events (id, body) VALUES (?, ?)',
      row.id,
      JSON.stringify(row),
    )
    return row
  }

  async #tellCounts(): Promise<void> {
    const counted = [...this.#alike.drain(), ...this.#ofPerson.drain()]
    const told = counted.filter(({ kind }) => kind !== null).slice(0, MAX_COUNTS_TOLD)
    const rest = counted.filter((each) => !told.includes(each))
    const entries = told.map(({ kind, count }): AuditEntry => {
      const [name, userId, target] = JSON.parse(kind ?? '') as Kind
      const fields = { repeated: count, ...(target === '' ? {} : { target }) }
      this.#store({ name, severity: 'warn', fields }, { userId })
      return entryOf(name, { userId }, fields)
    })
    const others = sumOf(rest)
    if (others > 0) entries.push(entryOf('others', {}, { repeated: others }))
    if (entries.length === 0) return
    await this.#ports.timers.setIfAbsent(FLUSH, this.#ports.now() + FLUSH_DELAY_MS)
    await this.#ports.append(entries)
  }

  /** Copied first, deleted after: a crash between the two copies the same ids again. */
  async #flush(): Promise<void> {
    const { storage, timers, copy, now } = this.#ports
    const rows = storage.sql
      .exec('SELECT id, body FROM security_events LIMIT ?', FLUSH_BATCH)
      .toArray()
    if (rows.length === 0) return
    await copy(rows.map(({ body }) => JSON.parse(String(body)) as NewSecurityEvent))
    for (const { id } of rows)
      storage.sql.exec('DELETE FROM security_events WHERE id = ?', id ?? '')
    await timers.set(FLUSH, now() + FLUSH_DELAY_MS)
  }
}

const sumOf = (counted: readonly Counted[]): number =>
  counted.reduce((sum, { count }) => sum + count, 0)

function entryOf(name: string, context: Context, fields: SecurityEvent['fields']): AuditEntry {
  const { userId = '', tenantId: _, ...where } = context
  return {
    kind: 'event',
    name: `security.${name}`,
    actor: { userId, credential: '' },
    fields: { ...where, ...fields },
  }
}
