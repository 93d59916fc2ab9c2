/**
 * What the runner counts and times, as Prometheus reads it. Every label's values are listed here: none
 * ever comes from a request, so that nobody can make a series, and no series says whose a job was.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import {
  ERROR_STATUS,
  type ExecEvent,
  type RunnerErrorCode,
} from '../../../src/isolation/contract.ts'
import type { PoolCounts } from '../launcher/job.ts'

const CODES = Object.keys(ERROR_STATUS) as readonly RunnerErrorCode[]
/** How execs end: by themselves, by what stopped them, or with the wire's error code. */
const EXITS = ['exited', 'signal', 'timed_out', 'oom', 'cancelled'] as const
const BYTES = ['stdout', 'stderr', 'blobs_received', 'blobs_sent', 'changes', 'fetched'] as const

export type EndReason = (typeof EXITS)[number] | Exclude<RunnerErrorCode, 'CANCELLED'>
export type ByteKind = (typeof BYTES)[number]

/** Seconds. A warm container takes tens of milliseconds, a cold start on a loaded machine seconds. */
const PREPARE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 15, 60]
/** Up to the longest time-out. */
const COMMAND_BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** What is only looked up when somebody asks. */
export interface Moment {
  readonly running: number
  readonly maxExecs: number
  readonly cacheBytes: number
  /** Null while the launcher does not answer. */
  readonly pool: PoolCounts | null
  /** The engine answers and has the image. */
  readonly isWell: boolean
}

function reasonOf(event: Extract<ExecEvent, { event: 'exit' | 'error' }>): EndReason {
  if (event.event === 'error') return event.code === 'CANCELLED' ? 'cancelled' : event.code
  if (event.oom) return 'oom'
  if (event.timedOut) return 'timed_out'
  return event.signal === null ? 'exited' : 'signal'
}

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(
    name: string,
    help: string,
    label?: { readonly name: Label; readonly values: readonly string[] },
  ): Counter<Label> => {
    const made = new Counter<Label>({
      name: `edgeclaw_runner_${name}`,
      help,
      registers,
      labelNames: label === undefined ? [] : [label.name],
    })
    // A series that is there from the start shows its first event as an increase.
    for (const value of label?.values ?? []) {
      made.inc({ [label?.name ?? '']: value } as Record<Label, string>, 0)
    }
    return made
  }
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `edgeclaw_runner_${name}`, help, registers })
  const histogram = (name: string, help: string, buckets: number[]): Histogram =>
    new Histogram({ name: `edgeclaw_runner_${name}`, help, registers, buckets })

  const started = counter('execs_started_total', 'Commands that were let go.')
  const ended = counter('execs_ended_total', 'Execs that ended, by how.', {
    name: 'reason',
    values: [...EXITS, ...CODES.filter((code) => code !== 'CANCELLED')],
  })
  const refused = counter('requests_refused_total', 'Requests answered with an error, by code.', {
    name: 'code',
    values: CODES,
  })
  const fetches = counter('fetches_total', 'Requests of /v1/fetch, by what became of them.', {
    name: 'outcome',
    values: ['answered', 'FETCH_REFUSED', 'FETCH_FAILED', 'TIMEOUT'],
  })
  const lookups = counter('blob_lookups_total', 'Files of workspaces looked for in the cache.', {
    name: 'result',
    values: ['hit', 'miss'],
  })
  const bytes = counter('bytes_total', 'Bytes that passed, by kind.', {
    name: 'kind',
    values: BYTES,
  })
  const prepare = histogram(
    'exec_prepare_seconds',
    'From the request to the start of the command: files, container, unpacking.',
    PREPARE_BUCKETS,
  )
  const command = histogram('exec_command_seconds', 'The command itself.', COMMAND_BUCKETS)
  const takeOut = histogram(
    'exec_changes_seconds',
    'From the end of the command to its changed files being stored.',
    PREPARE_BUCKETS,
  )
  const whole = histogram('exec_seconds', 'From the request to the last event.', COMMAND_BUCKETS)
  const running = gauge('execs_running', 'Execs being prepared or running.')
  const maxExecs = gauge('execs_max', 'Execs that may run at once.')
  const cacheBytes = gauge('blob_cache_bytes', 'Bytes of files in the cache.')
  const well = gauge('well', '1 when the engine answers and has the sandbox image.')

  // Of this process, under the names that dashboards know. The library's own set has more, and values
  // that the format does not allow.
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the front process.',
    registers,
  })
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the front process started, in Unix time.',
    registers,
  }).set(Math.round(performance.timeOrigin / 1_000))

  const sandboxes = new Gauge({
    name: 'edgeclaw_runner_sandboxes',
    help: 'Containers: made ahead, kept for their holders between two jobs, at work.',
    registers,
    labelNames: ['state'],
  })
  const given = counter(
    'sandboxes_given_total',
    'Containers given to jobs, by where they were from.',
    {
      name: 'from',
      values: ['kept', 'prepared', 'cold'],
    },
  )
  const removed = counter('sandboxes_removed_total', 'Containers removed.')

  /** The launcher counts since its start, and both processes start together. */
  function setPool(pool: PoolCounts | null): void {
    for (const state of ['prepared', 'kept', 'busy'] as const) {
      sandboxes.set({ state }, pool?.[state] ?? 0)
    }
    if (pool === null) return
    given.reset()
    removed.reset()
    given.inc({ from: 'kept' }, pool.takenKept)
    given.inc({ from: 'prepared' }, pool.takenPrepared)
    given.inc({ from: 'cold' }, pool.takenCold)
    removed.inc(pool.removed)
  }

  return {
    refused: (code: RunnerErrorCode): void => refused.inc({ code }),
    fetched: (outcome: 'answered' | 'FETCH_REFUSED' | 'FETCH_FAILED' | 'TIMEOUT'): void =>
      fetches.inc({ outcome }),
    bytes: (kind: ByteKind, count: number): void => bytes.inc({ kind }, count),
    blobLookups(hits: number, misses: number): void {
      lookups.inc({ result: 'hit' }, hits)
      lookups.inc({ result: 'miss' }, misses)
    },

    /** Of one exec; is shown every event of its stream, in order, and answers how it ended. */
    watchExec(): (event: ExecEvent) => EndReason | null {
      const requestedAt = performance.now()
      let startedAt = requestedAt
      let hasChanges = false
      return (event) => {
        const now = performance.now()
        switch (event.event) {
          case 'started':
            startedAt = now
            started.inc()
            prepare.observe((now - requestedAt) / 1_000)
            return null
          case 'stdout':
          case 'stderr':
            bytes.inc({ kind: event.event }, Buffer.byteLength(event.b64, 'base64'))
            return null
          case 'changes':
            hasChanges = true
            bytes.inc(
              { kind: 'changes' },
              event.put.reduce((sum, { size }) => sum + size, 0),
            )
            return null
          case 'exit':
            command.observe(event.durationMs / 1_000)
            // Where nothing was taken out there is nothing to time.
            if (hasChanges) {
              takeOut.observe(Math.max(0, now - startedAt - event.durationMs) / 1_000)
            }
            break
          case 'error':
            break
          case 'need':
          case 'truncated':
            return null
        }
        const reason = reasonOf(event)
        ended.inc({ reason })
        whole.observe((now - requestedAt) / 1_000)
        return reason
      }
    },

    contentType: registry.contentType,
    text(moment: Moment): Promise<string> {
      setPool(moment.pool)
      running.set(moment.running)
      maxExecs.set(moment.maxExecs)
      cacheBytes.set(moment.cacheBytes)
      memory.set(process.memoryUsage.rss())
      well.set(moment.isWell ? 1 : 0)
      return registry.metrics()
    },
  }
}
export type Metrics = ReturnType<typeof createMetrics>
