/**
 * The durable record of runs: who started one, where it stands, what it came to, who waits for it.
 * A run's generation rises with every (re)start; a write under an older one is refused, so that
 * two resumers cannot both act.
 */

import type { RunId, UserId } from '../../domain/ids.ts'
import { addUsage, NO_USAGE, type Usage } from '../../domain/message.ts'
import type { Invocation, ReplyTo, Sampling } from '../../domain/ports/session.ts'
import { type Principal, principalSchema } from '../../domain/principal.ts'
import type { RunEnding, RunResult } from '../../domain/run-event.ts'
import type { RunOrigin } from '../../domain/run-origin.ts'
import type { TraceEntry } from '../../domain/trace.ts'
import type { ModelUsage, SpendingModel } from '../../domain/usage.ts'
import { addModelUsage } from './model-usage.ts'

/** Version of what a journal holds; a run written by a newer one ends as `UPGRADED`. */
export const JOURNAL_VERSION = 3

/** Requests that wait for one run's end; each repeat of a send adds one, and its end answers all. */
export const MAX_WAITERS = 16

/** What the request asked beside its message; kept, so that a resumed run asks the same. */
export interface RunOptions {
  readonly callerInstructions: string
  readonly sampling: Sampling
  /** Absent for a run that asks a model, as for every run of journal version 1. */
  readonly invocation?: Invocation
  /** Absent for a run that a caller's message began. */
  readonly origin?: RunOrigin
  /** Set for a run that makes room in its session, and answers nothing. */
  readonly isCompaction?: true
  /** Runs that it follows from, without a word of a person's since the first; absent: none. */
  readonly hops?: number
  /** Absent for a run that is a trace of its own. */
  readonly trace?: TraceEntry
}

export interface StoredRun {
  readonly id: RunId
  readonly generation: number
  readonly journalVersion: number
  readonly state: 'running' | RunResult['kind']
  readonly principal: Principal
  readonly options: RunOptions
  readonly firstMessageId: number
  readonly usage: Usage
  readonly result: RunResult | null
  readonly startedAt: number
  /** Asked for and not yet carried out: a crash must not bring the run back to life. */
  readonly isCancelRequested: boolean
}

/** A send that was acknowledged: repeating it answers the same and does nothing. */
export interface RecordedSend {
  readonly bodyHash: string
  readonly runId: RunId
  readonly kind: 'started' | 'injected'
}

/** The loop that writes has been superseded: it must stop without a word. */
export class StaleGenerationError extends Error {
  override readonly name = 'StaleGenerationError'
}

interface RunRow extends Record<string, SqlStorageValue> {
  id: string
  generation: number
  journal_version: number
  state: string
  principal: string
  options: string
  first_message_id: number
  usage: string
  result: string | null
  started_at: number
  cancel_requested: number
}

const toRun = (row: RunRow): StoredRun => ({
  id: row.id as RunId,
  generation: row.generation,
  journalVersion: row.journal_version,
  state: row.state as StoredRun['state'],
  principal: principalSchema.parse(JSON.parse(row.principal)),
  options: JSON.parse(row.options) as RunOptions,
  firstMessageId: row.first_message_id,
  usage: JSON.parse(row.usage) as Usage,
  result: row.result === null ? null : (JSON.parse(row.result) as RunResult),
  startedAt: row.started_at,
  isCancelRequested: row.cancel_requested === 1,
})

export class RunStore {
  readonly #storage: SqlStorage
  #isClosed = false

  constructor(sql: SqlStorage) {
    this.#storage = sql
  }

  /** The session was deleted: a loop that outlives it stops as one that was superseded does. */
  close(): void {
    this.#isClosed = true
  }

  /** The tables are there (again). */
  open(): void {
    this.#isClosed = false
  }

  get #sql(): SqlStorage {
    if (this.#isClosed) throw new StaleGenerationError('the session was deleted')
    return this.#storage
  }

  create(run: {
    id: RunId
    principal: Principal
    options: RunOptions
    firstMessageId: number
    now: number
  }): void {
    this.#sql.exec(
      `INSERT INTO runs (id, generation, journal_version, state, principal, options, first_message_id, usage, started_at)
       VALUES (?, 0, ?, 'running', ?, ?, ?, ?, ?)`,
      run.id,
      JOURNAL_VERSION,
      JSON.stringify(run.principal),
      JSON.stringify(run.options),
      run.firstMessageId,
      JSON.stringify(NO_USAGE),
      run.now,
    )
  }

  running(): StoredRun | null {
    const [row] = this.#sql
      .exec<RunRow>("SELECT * FROM runs WHERE state = 'running' LIMIT 1")
      .toArray()
    return row ? toRun(row) : null
  }

  /** The run that was started last, however it stands. */
  latest(): StoredRun | null {
    const [row] = this.#sql
      .exec<RunRow>('SELECT * FROM runs ORDER BY first_message_id DESC, rowid DESC LIMIT 1')
      .toArray()
    return row ? toRun(row) : null
  }

  find(id: RunId): StoredRun | null {
    const [row] = this.#sql.exec<RunRow>('SELECT * FROM runs WHERE id = ?', id).toArray()
    return row ? toRun(row) : null
  }

  /** Null for one that goes on, and for one that came to an answer: its last message is that. */
  endingOf(id: RunId): RunEnding | null {
    const [row] = this.#sql
      .exec<{ result: string; ended_at: number }>(
        "SELECT result, ended_at FROM runs WHERE id = ? AND state IN ('failed', 'cancelled')",
        id,
      )
      .toArray()
    if (!row) return null
    return { runId: id, result: JSON.parse(row.result) as RunEnding['result'], at: row.ended_at }
  }

  stateOf(id: RunId): StoredRun['state'] | null {
    const [row] = this.#sql
      .exec<{ state: string }>('SELECT state FROM runs WHERE id = ?', id)
      .toArray()
    return row ? (row.state as StoredRun['state']) : null
  }

  usageOf(id: RunId): Usage {
    const [row] = this.#sql
      .exec<{ usage: string }>('SELECT usage FROM runs WHERE id = ?', id)
      .toArray()
    return row ? (JSON.parse(row.usage) as Usage) : NO_USAGE
  }

  requestCancel(id: RunId): void {
    this.#sql.exec('UPDATE runs SET cancel_requested = 1 WHERE id = ?', id)
  }

  /** Takes the run over: whoever held an older generation can write no more. */
  nextGeneration(id: RunId): number {
    return this.#sql
      .exec<{ generation: number }>(
        'UPDATE runs SET generation = generation + 1 WHERE id = ? RETURNING generation',
        id,
      )
      .one().generation
  }

  /** @throws StaleGenerationError */
  assertCurrent(id: RunId, generation: number): void {
    const [row] = this.#sql
      .exec<{ generation: number; state: string }>(
        'SELECT generation, state FROM runs WHERE id = ?',
        id,
      )
      .toArray()
    if (row?.generation !== generation || row.state !== 'running')
      throw new StaleGenerationError(id)
  }

  /** Whether no later life has taken the run up, running or not. */
  isLatest(id: RunId, generation: number): boolean {
    const [row] = this.#sql
      .exec<{ generation: number }>('SELECT generation FROM runs WHERE id = ?', id)
      .toArray()
    return row?.generation === generation
  }

  /** @param model who answered; null where only one could */
  addUsage(id: RunId, usage: Usage, model: SpendingModel | null = null): void {
    const models = this.modelsOf(id)
    const next = model === null ? models : addModelUsage(models, model, usage)
    this.#sql.exec(
      'UPDATE runs SET usage = ?, models = ? WHERE id = ?',
      JSON.stringify(addUsage(this.usageOf(id), usage)),
      JSON.stringify(next),
      id,
    )
  }

  /** Of each model that answered; the last one last. */
  modelsOf(id: RunId): readonly ModelUsage[] {
    const [row] = this.#sql
      .exec<{ models: string | null }>('SELECT models FROM runs WHERE id = ?', id)
      .toArray()
    return row?.models ? (JSON.parse(row.models) as readonly ModelUsage[]) : []
  }

  finish(id: RunId, result: RunResult, now: number): void {
    this.#sql.exec(
      'UPDATE runs SET state = ?, result = ?, ended_at = ? WHERE id = ?',
      result.kind,
      JSON.stringify(result),
      now,
      id,
    )
    this.#sql.exec('DELETE FROM tool_calls WHERE run_id = ?', id)
  }

  /** @returns whether this call was recorded as started before */
  markToolStarted(runId: RunId, callKey: string, now: number): boolean {
    const before = this.wasToolStarted(callKey)
    if (!before) {
      this.#sql.exec(
        'INSERT INTO tool_calls (call_key, run_id, started_at) VALUES (?, ?, ?)',
        callKey,
        runId,
        now,
      )
    }
    return before
  }

  wasToolStarted(callKey: string): boolean {
    return (
      this.#sql.exec('SELECT 1 FROM tool_calls WHERE call_key = ?', callKey).toArray().length > 0
    )
  }

  markToolFinished(callKey: string, now: number): void {
    this.#sql.exec('UPDATE tool_calls SET finished_at = ? WHERE call_key = ?', now, callKey)
  }

  /** @returns whether there was room for it */
  addWaiter(runId: RunId, replyTo: ReplyTo): boolean {
    if (replyTo.kind === 'none') return true
    const { n } = this.#sql
      .exec<{ n: number }>('SELECT count(*) AS n FROM waiters WHERE run_id = ?', runId)
      .one()
    if (n >= MAX_WAITERS) return false
    this.#sql.exec(
      'INSERT INTO waiters (run_id, reply_to) VALUES (?, ?)',
      runId,
      JSON.stringify(replyTo),
    )
    return true
  }

  /** Tokens of all the session's runs. */
  totalUsage(): Usage {
    return this.#sql
      .exec<{ usage: string }>('SELECT usage FROM runs')
      .toArray()
      .reduce((sum, row) => addUsage(sum, JSON.parse(row.usage) as Usage), NO_USAGE)
  }

  takeWaiters(runId: RunId): ReplyTo[] {
    return this.#sql
      .exec<{ reply_to: string }>('DELETE FROM waiters WHERE run_id = ? RETURNING reply_to', runId)
      .toArray()
      .map((row) => JSON.parse(row.reply_to) as ReplyTo)
  }

  findSend(userId: UserId, key: string): RecordedSend | null {
    const [row] = this.#sql
      .exec<{ body_hash: string; run_id: string; kind: string }>(
        'SELECT body_hash, run_id, kind FROM sends WHERE user_id = ? AND idempotency_key = ?',
        userId,
        key,
      )
      .toArray()
    if (!row) return null
    return {
      bodyHash: row.body_hash,
      runId: row.run_id as RunId,
      kind: row.kind as RecordedSend['kind'],
    }
  }

  recordSend(userId: UserId, key: string, send: RecordedSend, now: number): void {
    this.#sql.exec('DELETE FROM sends WHERE created_at < ?', now - SEND_RETENTION_MS)
    const { bodyHash, runId, kind } = send
    this.#sql.exec(
      'INSERT INTO sends (user_id, idempotency_key, body_hash, run_id, kind, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      userId,
      key,
      bodyHash,
      runId,
      kind,
      now,
    )
  }

  inject(message: string, now: number): void {
    this.#sql.exec('INSERT INTO injections (message, created_at) VALUES (?, ?)', message, now)
  }

  clearInjections(): void {
    this.#sql.exec('DELETE FROM injections')
  }

  takeInjections(): { message: string; createdAt: number }[] {
    return this.#sql
      .exec<{ id: number; message: string; created_at: number }>(
        'SELECT * FROM injections ORDER BY id',
      )
      .toArray()
      .map((row) => {
        this.#sql.exec('DELETE FROM injections WHERE id = ?', row.id)
        return { message: row.message, createdAt: row.created_at }
      })
  }
}

const HOUR_MS = 3_600_000
/** As long as any client may sensibly repeat an unacknowledged send. */
const SEND_RETENTION_MS = 24 * HOUR_MS
