/**
 * What every exec has said, by (tenant, session, exec id), so that a caller who lost its connection
 * hears it from where it was, and no exec id ever runs twice. A journal on disk remembers across a
 * restart which jobs had started; what came of those is then unknown, and stays so.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import {
  type ExecEvent,
  type ExecRequest,
  type JobClaims,
  RECORD_TTL_MS,
} from '../../../src/isolation/contract.ts'
import { sha256Of } from './body.ts'
import { Refusal } from './refusal.ts'
import { type ExecTrace, traceresponseOf } from './trace.ts'

/** A job runs for 5 min at most; older lines of the journal guard against nothing. */
const JOURNAL_TTL_MS = RECORD_TTL_MS + 10 * 60_000
const MAX_RECORDS = 20_000
/** Of one tenant: whoever floods refuses itself. */
const MAX_TENANT_RECORDS = 5_000
/** Of all recorded streams; beyond it the oldest ended ones of the tenant that has most keep their id and lose their text. */
const MAX_RECORDED_BYTES = 256 * 1024 * 1024
/** Below the idle time-outs of proxies and tunnels. */
const KEEP_ALIVE_MS = 15_000

const keyOf = ({ tenant, session, exec }: Pick<JobClaims, 'tenant' | 'session' | 'exec'>): string =>
  sha256Of(JSON.stringify([tenant, session, exec]))

/**
 * What makes two requests the same job. The workspace's state is none of it: a repeated request
 * comes from a gateway that meanwhile may have another one, and the job keeps the one it started on.
 */
export const jobIdentity = (request: ExecRequest): string =>
  sha256Of(
    JSON.stringify([
      request.execId,
      request.workspace?.id ?? null,
      request.profileHash,
      request.command,
      request.cwd,
      Object.entries(request.env).sort(([a], [b]) => (a < b ? -1 : 1)),
      request.stdin ?? null,
    ]),
  )

export interface ExecRecord {
  readonly key: string
  readonly tenant: string
  /** Null for an id that was cancelled before it was ever used. */
  readonly identity: string | null
  /** Set by whoever runs the job. */
  cancel: () => void
  state: 'preparing' | 'running' | 'ended'
  /** Ended before its command could begin, for a reason that may pass: may be tried again. */
  mayRestart: boolean
  chunks: Buffer[] | null
  bytes: number
  endedAtMs: number
  readonly listeners: Set<ServerResponse>
  /** Null: whoever asked keeps no trace. */
  readonly trace: ExecTrace | null
}

export function createRecords(journalPath: string, nowMs: () => number) {
  const records = new Map<string, ExecRecord>()
  const startedBefore = new Map<string, number>()
  let recordedBytes = 0

  mkdirSync(dirname(journalPath), { recursive: true, mode: 0o700 })
  if (existsSync(journalPath)) {
    for (const line of readFileSync(journalPath, 'utf8').split('\n')) {
      // A line cut off by a crash was never acted upon: the job starts after its whole line.
      const [, key, at] = /^([0-9a-f]{64}) (\d+)$/.exec(line) ?? []
      if (key !== undefined && Number(at) > nowMs() - JOURNAL_TTL_MS) {
        startedBefore.set(key, Number(at))
      }
    }
  }
  const lines = [...startedBefore].map(([key, at]) => `${key} ${at}\n`)
  writeFileSync(journalPath, lines.join(''), { mode: 0o600 })

  function dropText(record: ExecRecord): void {
    if (record.chunks === null) return
    record.chunks = null
    recordedBytes -= record.bytes
  }

  function forget(): void {
    const now = nowMs()
    for (const [key, record] of records) {
      if (record.state !== 'ended' || now - record.endedAtMs <= RECORD_TTL_MS) continue
      records.delete(key)
      dropText(record)
    }
    while (recordedBytes > MAX_RECORDED_BYTES) {
      const oldest = oldestOfLargestTenant()
      if (oldest === undefined) break
      dropText(oldest)
    }
    for (const [key, at] of startedBefore) {
      if (now - at > JOURNAL_TTL_MS) startedBefore.delete(key)
    }
  }

  function oldestOfLargestTenant(): ExecRecord | undefined {
    const ended = [...records.values()].filter(
      ({ state, chunks }) => state === 'ended' && chunks !== null,
    )
    const bytes = new Map<string, number>()
    for (const record of ended) {
      bytes.set(record.tenant, (bytes.get(record.tenant) ?? 0) + record.bytes)
    }
    const most = Math.max(...bytes.values())
    return ended.find(({ tenant }) => bytes.get(tenant) === most)
  }

  const countOf = (tenant: string): number => {
    let count = 0
    for (const record of records.values()) if (record.tenant === tenant) count += 1
    return count
  }

  const keepAlive = setInterval(() => {
    forget()
    for (const record of records.values()) {
      for (const listener of record.listeners) listener.write('\n')
    }
  }, KEEP_ALIVE_MS)
  keepAlive.unref()

  return {
    find(claims: JobClaims): ExecRecord | null {
      return records.get(keyOf(claims)) ?? null
    },
    /** Started by an earlier process of this runner, whose records are gone. */
    isOutcomeUnknown: (claims: JobClaims): boolean => startedBefore.has(keyOf(claims)),
    create(claims: JobClaims, identity: string | null, trace: ExecTrace | null = null): ExecRecord {
      forget()
      if (records.size >= MAX_RECORDS || countOf(claims.tenant) >= MAX_TENANT_RECORDS) {
        throw new Refusal('CAPACITY', 'too many recent execs', { retryAfterMs: 10_000 })
      }
      const earlier = records.get(keyOf(claims))
      if (earlier?.chunks) recordedBytes -= earlier.bytes
      const record: ExecRecord = {
        key: keyOf(claims),
        tenant: claims.tenant,
        identity,
        cancel: () => {},
        state: 'preparing',
        mayRestart: false,
        chunks: [],
        bytes: 0,
        endedAtMs: 0,
        listeners: new Set(),
        trace,
      }
      records.set(record.key, record)
      return record
    },
    bar(claims: JobClaims): void {
      const refusal = new Refusal('CANCELLED', 'the command was cancelled')
      this.append(this.create(claims, null), { event: 'error', ...refusal.toWire() })
    },
    running: (): number => {
      let count = 0
      for (const { state } of records.values()) if (state !== 'ended') count += 1
      return count
    },
    runningOf: (tenant: string): number => {
      let count = 0
      for (const record of records.values()) {
        if (record.state !== 'ended' && record.tenant === tenant) count += 1
      }
      return count
    },
    /** On disk before the command can do anything. */
    journalStart(record: ExecRecord): void {
      record.state = 'running'
      appendFileSync(journalPath, `${record.key} ${nowMs()}\n`)
    },
    append(record: ExecRecord, event: ExecEvent): void {
      const line = Buffer.from(`${JSON.stringify(event)}\n`)
      record.chunks?.push(line)
      record.bytes += line.length
      recordedBytes += line.length
      const isLast = event.event === 'exit' || event.event === 'error'
      if (isLast) {
        record.mayRestart =
          record.state === 'preparing' && event.event === 'error' && event.code !== 'CANCELLED'
        record.state = 'ended'
        record.endedAtMs = nowMs()
      }
      for (const listener of record.listeners) {
        listener.write(line)
        if (isLast) listener.end()
      }
      if (isLast) record.listeners.clear()
    },
    /** Sends the stream from a byte offset on, and what is still to come. */
    attach(record: ExecRecord, response: ServerResponse, from: number): void {
      if (record.chunks === null) {
        throw new Refusal('OUTCOME_UNKNOWN', 'the recorded outcome is no longer kept')
      }
      if (from > record.bytes) throw new Refusal('INVALID_JOB', 'from is beyond the stream')
      response.writeHead(200, {
        'content-type': 'application/x-ndjson',
        'cache-control': 'no-store',
        ...(record.trace === null ? {} : { traceresponse: traceresponseOf(record.trace) }),
      })
      response.flushHeaders()
      let skip = from
      for (const chunk of record.chunks) {
        if (skip < chunk.length) response.write(skip > 0 ? chunk.subarray(skip) : chunk)
        skip = Math.max(0, skip - chunk.length)
      }
      if (record.state === 'ended') {
        response.end()
        return
      }
      record.listeners.add(response)
      response.on('close', () => record.listeners.delete(response))
    },
    cancelAll(): void {
      for (const record of records.values()) if (record.state !== 'ended') record.cancel()
    },
    close: (): void => clearInterval(keepAlive),
  }
}
export type Records = ReturnType<typeof createRecords>
