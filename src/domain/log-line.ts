/** What a tenant's own log says: ids, names and counts, never contents. */
export const LOG_LEVELS = ['info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogLine {
  /** Rises by one with each line of the tenant. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly level: LogLevel
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface LogQuery {
  readonly limit: number
  /** Lines that came after this one. */
  readonly after: number
  readonly least: LogLevel
  /** A control socket that is told the lines to come. */
  readonly follower: string | null
}

export interface LogPage {
  /** Oldest first; of more than the limit the newest. */
  readonly lines: readonly LogLine[]
  /** The newest line there is; pass it as `after`. */
  readonly next: number
  readonly isFollowing: boolean
}

export const isAtLeast = (level: LogLevel, least: LogLevel): boolean =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least)
