/**
 * Many named timers over the one alarm that a Durable Object has. Timers live in SQLite, the alarm
 * is always armed for the earliest of them.
 *
 * At least once: before its handler runs, a timer is moved ahead by a growing pause; it is removed
 * only after the handler returned. So a handler that throws or takes the object down with it runs
 * again, must bear that, and never uses up the platform's own six retries, after which an alarm would
 * be lost for good.
 */
import type { SqlStorage } from './schema/sql.ts'

export interface AlarmStorage extends SqlStorage {
  getAlarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
  deleteAlarm(): Promise<void>
}

export interface Timer {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

const FIRST_RETRY_MS = 1_000
/** A handler that fails for hours keeps being tried, without keeping the object awake. */
const MAX_RETRY_MS = 15 * 60_000

export const retryDelayMs = (attempt: number): number =>
  Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 30))

export class Timers {
  readonly #storage: AlarmStorage

  /** Touches no storage. The table comes with the object's schema: migrate before the first call. */
  constructor(storage: AlarmStorage) {
    this.#storage = storage
  }

  /** Sets or moves the timer of this name. */
  async set(name: string, at: number): Promise<void> {
    this.#storage.sql.exec(
      'INSERT INTO timers (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at, attempts = 0',
      name,
      Math.ceil(at),
    )
    // Armed in the same step: a crash in between must not leave a timer that nothing wakes.
    if (this.#earliest() === Math.ceil(at)) await this.#storage.setAlarm(Math.ceil(at))
    else await this.rearm()
  }

  /**
   * Sets the timer unless it is set for that time or an earlier one. One whose handler is running
   * (or has failed) counts as not set: what comes up meanwhile would be forgotten with it.
   */
  async setNoLater(name: string, at: number): Promise<void> {
    const current = this.#untried(name)
    if (current === null || current > at) await this.set(name, at)
  }

  /** Sets the timer unless it is set for whatever time; else as `setNoLater`. */
  async setIfAbsent(name: string, at: number): Promise<void> {
    if (this.#untried(name) === null) await this.set(name, at)
  }

  /** When the timer runs, or is tried again. */
  get(name: string): number | null {
    return this.#at('SELECT at FROM timers WHERE name = ?', name)
  }

  #untried(name: string): number | null {
    return this.#at('SELECT at FROM timers WHERE name = ? AND attempts = 0', name)
  }

  #at(query: string, name: string): number | null {
    const [row] = this.#storage.sql.exec(query, name).toArray()
    return typeof row?.['at'] === 'number' ? row['at'] : null
  }

  async cancel(name: string): Promise<void> {
    this.#storage.sql.exec('DELETE FROM timers WHERE name = ?', name)
    await this.rearm()
  }

  /** Earliest first. */
  due(now: number): readonly Timer[] {
    return this.#storage.sql
      .exec('SELECT name, at FROM timers WHERE at <= ? ORDER BY at, name', now)
      .toArray()
      .map((row) => ({ name: String(row['name']), at: Number(row['at']) }))
  }

  /**
   * The whole of an `alarm()` method. Runs the handlers one after the other; what a handler sets
   * under its own name stays. One failing handler holds up no other.
   *
   * @returns the timers whose handlers threw, with what they threw, for the log.
   */
  async run(
    now: () => number,
    handler: (name: string) => Promise<void>,
  ): Promise<readonly { readonly name: string; readonly error: unknown }[]> {
    const failures: { name: string; error: unknown }[] = []
    try {
      for (const { name } of this.due(now())) {
        const attempt = this.#claim(name, now())
        if (attempt === 0) continue
        try {
          await handler(name)
          this.#complete(name, attempt)
        } catch (error) {
          failures.push({ name, error })
        }
      }
    } finally {
      await this.rearm()
    }
    return failures
  }

  /** Arms the alarm for the earliest timer; writes only when that differs from what is armed. */
  async rearm(): Promise<void> {
    const armed = await this.#storage.getAlarm()
    const next = this.#earliest()
    if (next !== null) {
      if (armed !== next) await this.#storage.setAlarm(next)
    } else if (armed !== null) {
      await this.#storage.deleteAlarm()
    }
  }

  #earliest(): number | null {
    const [row] = this.#storage.sql.exec('SELECT min(at) AS at FROM timers').toArray()
    return typeof row?.['at'] === 'number' ? row['at'] : null
  }

  /** 0 when an earlier handler of this run cancelled the timer. */
  #claim(name: string, now: number): number {
    const [row] = this.#storage.sql
      .exec('SELECT attempts FROM timers WHERE name = ? AND at <= ?', name, now)
      .toArray()
    if (row === undefined) return 0
    const attempt = Number(row['attempts']) + 1
    this.#storage.sql.exec(
      'UPDATE timers SET at = ?, attempts = ? WHERE name = ?',
      now + retryDelayMs(attempt),
      attempt,
      name,
    )
    return attempt
  }

  /** Only the setting that was handled: one that the handler made anew has no attempts yet. */
  #complete(name: string, attempt: number): void {
    this.#storage.sql.exec('DELETE FROM timers WHERE name = ? AND attempts = ?', name, attempt)
  }
}
