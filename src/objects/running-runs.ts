/**
 * The tenant's list of running runs. Most runs are over within a moment, and a commit for each
 * start and end would cost more than the run: the list lives in memory, and what is still running
 * after a pause is written down. What a crash forgets, the session's heartbeat tells again.
 */
import type { Services } from '../api/context.ts'
import type { RunId, UserId } from '../domain/ids.ts'
import type { RunningRun, TenantPort } from '../domain/ports/tenant.ts'
import type { SqlStorage } from './schema/sql.ts'
import type { NoteLine } from './tenant/log-ring.ts'

/** Longer than any run may last: a run that was never reported ended is forgotten. */
const MAX_AGE_MS = 2 * 3_600_000
const WRITE_DELAY_MS = 500

interface Entry extends RunningRun {
  readonly startedAt: number
}

/** The admins who listen hear which runs begin and end, beside the line in the log. */
export const toldRuns =
  (
    tenant: Pick<TenantPort, 'publish'>,
    { inBackground }: Pick<Services, 'inBackground'>,
    note: NoteLine,
  ): NoteLine =>
  (level, event, fields) => {
    note(level, event, fields)
    const { run: runId, session: sessionKey, agent: agentId, user: userId } = fields
    const payload = { runId, sessionKey, agentId, userId }
    inBackground(tenant.publish(event, payload, { kind: 'admins' }))
  }

const lineOf = ({ runId, sessionKey, agentKey, userId }: RunningRun) => ({
  run: runId,
  session: sessionKey,
  agent: agentKey,
  user: userId,
})

export class RunningRuns {
  readonly #sql: SqlStorage['sql']
  readonly #now: () => number
  readonly #note: NoteLine
  readonly #runs = new Map<RunId, Entry>()
  readonly #written = new Set<RunId>()
  #isLoaded = false
  #isWriteDue = false

  /** Touches no storage; the table must be there before the first call. */
  constructor(sql: SqlStorage['sql'], now: () => number, note: NoteLine = () => undefined) {
    this.#sql = sql
    this.#now = now
    this.#note = note
  }

  start(run: RunningRun): void {
    this.#load()
    // A heartbeat tells of a run that is known.
    const isNew = !this.#runs.has(run.runId)
    // A session has one run at a time: the end of an earlier one was lost in a crash.
    for (const known of this.#runs.values()) {
      if (known.sessionKey === run.sessionKey) this.#runs.delete(known.runId)
    }
    this.#runs.set(run.runId, { ...run, startedAt: this.#now() })
    if (isNew) this.#note('info', 'run.started', lineOf(run))
    this.#scheduleWrite()
  }

  end(runId: RunId): void {
    this.#load()
    const run = this.#runs.get(runId)
    this.#runs.delete(runId)
    if (run) this.#note('info', 'run.ended', lineOf(run))
    if (this.#written.has(runId)) this.#scheduleWrite()
  }

  list(): readonly RunningRun[] {
    this.#load()
    const oldest = this.#now() - MAX_AGE_MS
    return [...this.#runs.values()]
      .filter(({ startedAt }) => startedAt >= oldest)
      .map(({ runId, sessionKey, agentKey, userId }) => ({ runId, sessionKey, agentKey, userId }))
  }

  /** For an erasure: nothing of it is written any more. */
  forget(): void {
    this.#isLoaded = true
    this.#runs.clear()
    this.#written.clear()
  }

  #load(): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    for (const row of this.#sql.exec('SELECT * FROM runs').toArray()) {
      const runId = String(row['run_id']) as RunId
      this.#written.add(runId)
      this.#runs.set(runId, {
        runId,
        sessionKey: String(row['session_key']),
        agentKey: String(row['agent_key']),
        userId: String(row['user_id']) as UserId,
        startedAt: Number(row['started_at']),
      })
    }
  }

  #scheduleWrite(): void {
    if (this.#isWriteDue) return
    this.#isWriteDue = true
    setTimeout(() => {
      this.#isWriteDue = false
      this.#write()
    }, WRITE_DELAY_MS)
  }

  #write(): void {
    for (const runId of this.#written) {
      if (this.#runs.has(runId)) continue
      this.#sql.exec('DELETE FROM runs WHERE run_id = ?', runId)
      this.#written.delete(runId)
    }
    for (const run of this.#runs.values()) {
      if (this.#written.has(run.runId)) continue
      this.#written.add(run.runId)
      this.#sql.exec(
        'INSERT OR REPLACE INTO runs (run_id, session_key, agent_key, user_id, started_at) VALUES (?, ?, ?, ?, ?)',
        run.runId,
        run.sessionKey,
        run.agentKey,
        run.userId,
        run.startedAt,
      )
    }
  }
}
