/**
 * The last lines of what happened in a tenant, for its admins, and the sockets that asked to be told
 * more. Written down in batches: a commit for each line would cost more than what it tells of, and
 * what a crash takes along is told by the audit trail, which this is none of. Every line is scrubbed
 * before it is kept.
 */
import {
  isAtLeast,
  type LogLevel,
  type LogLine,
  type LogPage,
  type LogQuery,
} from '../../domain/log-line.ts'
import type { ConnectionPort } from '../../domain/ports/connection.ts'
import { eventFrame } from '../../protocol/frames.ts'
import { type LogFields, scrubbedFields } from '../../telemetry/log.ts'
import type { OnceStorage } from './once-store.ts'

export const KEPT_LINES = 500
/** One socket of each admin, and some. */
export const MAX_FOLLOWERS = 20
/** Names and ids are shorter; what is longer was made by somebody. */
const MAX_LINE_CHARS = 4_000
const WRITE_DELAY_MS = 500

const PREFIX = 'log/'
const FOLLOWERS = 'logFollowers'

export type NoteLine = (level: LogLevel, event: string, fields: LogFields) => void

export interface LogPorts {
  readonly storage: OnceStorage
  now(): number
  /** Whoever may see it now, as for every event that is for admins. */
  admins(): Promise<readonly string[]>
  connection(id: string): Pick<ConnectionPort, 'deliver'>
  inBackground(work: Promise<unknown>): void
}

export class LogRing {
  readonly #ports: LogPorts
  /** Oldest first; null until it was read. */
  #lines: LogLine[] | null = null
  #followers: readonly string[] | null = null
  #unwritten: LogLine[] = []
  #writing: ReturnType<typeof setTimeout> | null = null

  /** Touches no storage. */
  constructor(ports: LogPorts) {
    this.#ports = ports
  }

  readonly note: NoteLine = (level, event, fields) => {
    const { now, inBackground } = this.#ports
    const lines = this.#known()
    const seq = (lines.at(-1)?.seq ?? 0) + 1
    const line: LogLine = { seq, at: now(), level, event, fields: boundedFields(fields) }
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    this.#unwritten.push(line)
    this.#writing ??= setTimeout(() => this.#write(), WRITE_DELAY_MS)
    if (this.#following().length > 0) inBackground(this.#tell(line))
  }

  tail({ limit, after, least, follower }: LogQuery): LogPage {
    const lines = this.#known()
    const wanted = lines.filter(({ seq, level }) => seq > after && isAtLeast(level, least))
    if (follower !== null) this.#follow(follower)
    const next = lines.at(-1)?.seq ?? 0
    return { lines: wanted.slice(-limit), next, isFollowing: follower !== null }
  }

  /** The tenant's storage is gone, and nothing of it is written any more. */
  forget(): void {
    if (this.#writing !== null) clearTimeout(this.#writing)
    this.#writing = null
    this.#unwritten = []
    this.#lines = []
    this.#followers = []
  }

  #known(): LogLine[] {
    this.#lines ??= [...this.#ports.storage.list<LogLine>({ prefix: PREFIX })]
      .map(([, line]) => line)
      .sort((a, b) => a.seq - b.seq)
    return this.#lines
  }

  /** A flood within one batch overwrites itself here, not there. */
  #write(): void {
    this.#writing = null
    for (const line of this.#unwritten.splice(0).slice(-KEPT_LINES))
      this.#ports.storage.put(PREFIX + (line.seq % KEPT_LINES), line)
  }

  /** The oldest makes room: sockets come and go, and nobody says when one went. */
  #follow(connectionId: string): void {
    const others = this.#following().filter((id) => id !== connectionId)
    this.#setFollowers([...others.slice(-(MAX_FOLLOWERS - 1)), connectionId])
  }

  async #tell(line: LogLine): Promise<void> {
    const { admins, connection } = this.#ports
    const mayHear = new Set(await admins())
    const frame = eventFrame('log', line)
    await Promise.all(
      this.#following().map(async (id) => {
        const isTold =
          mayHear.has(id) &&
          (await connection(id)
            .deliver([frame])
            .catch(() => false))
        if (!isTold) this.#setFollowers(this.#following().filter((other) => other !== id))
      }),
    )
  }

  #following(): readonly string[] {
    this.#followers ??= this.#ports.storage.get<readonly string[]>(FOLLOWERS) ?? []
    return this.#followers
  }

  #setFollowers(ids: readonly string[]): void {
    this.#followers = ids
    if (ids.length === 0) this.#ports.storage.delete(FOLLOWERS)
    else this.#ports.storage.put(FOLLOWERS, ids)
  }
}

function boundedFields(fields: LogFields): LogFields {
  const scrubbed = scrubbedFields(fields)
  return JSON.stringify(scrubbed).length <= MAX_LINE_CHARS ? scrubbed : { isCut: true }
}
