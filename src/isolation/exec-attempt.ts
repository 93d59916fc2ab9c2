/**
 * One exec at one runner, until its end is known: sends the job, brings what the runner lacks, takes
 * the stream, and reattaches when the connection breaks. It never starts anything a second time.
 */
import type { WorkspacePort } from '../domain/ports/workspace.ts'
import { createOutputCollector } from './collect-output.ts'
import type { ExecEvent, ExecRequest, RunnerErrorCode, WireChanges } from './contract.ts'
import type { SandboxView } from './manifest-delta.ts'
import {
  ConnectionError,
  callRunner,
  type RunnerCaller,
  RunnerError,
  readEvents,
  runnerHealth,
} from './runner-wire.ts'
import type { RunnerEndpoint } from './runners.ts'

/** In a row without a byte of progress; with the pauses below about 8 s. */
const MAX_REATTACHMENTS = 6
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 3_200
/** Blobs brought side by side. */
const PARALLEL_BLOBS = 6
/** TERM, 3 s, KILL and a margin: then the cancelled stream is left alone. */
const CANCEL_WAIT_MS = 6_000

export type Attempt =
  /** Nothing was started here, and nothing will be. */
  | {
      readonly kind: 'not_started'
      readonly code: RunnerErrorCode | 'CONNECTION'
      readonly message: string
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'unknown'; readonly message: string }
  /** The runner's `error` after the start. */
  | { readonly kind: 'failed'; readonly code: RunnerErrorCode; readonly message: string }
  | {
      readonly kind: 'exited'
      readonly stdout: string
      readonly stderr: string
      readonly isTruncated: boolean
      readonly exit: Extract<ExecEvent, { event: 'exit' }>
      readonly changes: WireChanges | null
      /** State of the workspace that the command worked on. */
      readonly root: string | null
    }

export interface AttemptOptions {
  readonly caller: RunnerCaller
  readonly runner: RunnerEndpoint
  readonly job: ExecRequest
  /** What `job.workspace` describes. */
  readonly view: SandboxView | null
  readonly workspace: WorkspacePort
  /** Only take up what is there (`?from=0`): a job that may have been started before. */
  readonly isResumed: boolean
  /** The process that answered the health check, to tell a restarted runner. */
  readonly instance: string
  readonly signal: AbortSignal
  readonly pause: (ms: number) => Promise<void>
}

class LostFileError extends Error {
  override readonly name = 'LostFileError'
}

export async function attemptExec(options: AttemptOptions): Promise<Attempt> {
  const { caller, runner, job, signal, pause, workspace } = options
  const abort = new AbortController()
  const exec = job.execId
  const body = JSON.stringify(job)
  const stdout = createOutputCollector(job.profile.limits.outputBytes)
  const stderr = createOutputCollector(job.profile.limits.outputBytes)
  let bytes = 0
  let isStarted = false
  let root: string | null = null
  let changes: WireChanges | null = null

  async function bringManifest(): Promise<void> {
    const entries = [...(options.view?.entries.values() ?? [])]
    const path = `/v1/exec/${encodeURIComponent(exec)}/manifest`
    const manifest = { method: 'PUT', path, exec, body: JSON.stringify({ entries }) } as const
    await callRunner(caller, runner, manifest, abort.signal)
  }

  async function bringBlob(sha256: string): Promise<void> {
    const bytes = await workspace.blob(sha256)
    if (bytes === null) throw new LostFileError('the content of a workspace file is lost')
    const blob = {
      method: 'PUT',
      path: `/v1/blobs/${sha256}`,
      exec,
      body: bytes as Uint8Array<ArrayBuffer>,
    } as const
    await callRunner(caller, runner, blob, abort.signal)
  }

  async function bring({ manifest, sha256 }: Extract<ExecEvent, { event: 'need' }>): Promise<void> {
    const ignoreAbsent = (error: unknown): void => {
      // A replayed `need` that was met long ago.
      if (!(error instanceof RunnerError && error.code === 'NOT_FOUND')) throw error
    }
    if (manifest) await bringManifest().catch(ignoreAbsent)
    for (let at = 0; at < sha256.length; at += PARALLEL_BLOBS) {
      await Promise.all(
        sha256.slice(at, at + PARALLEL_BLOBS).map((hash) => bringBlob(hash).catch(ignoreAbsent)),
      )
    }
  }

  /** The final attempt result, or null to go on reading. */
  async function onEvent(event: ExecEvent): Promise<Attempt | null> {
    switch (event.event) {
      case 'need':
        await bring(event)
        return null
      case 'started':
        isStarted = true
        root = event.root
        return null
      case 'stdout':
        stdout.add(event.b64)
        return null
      case 'stderr':
        stderr.add(event.b64)
        return null
      case 'truncated':
        ;(event.stream === 'stdout' ? stdout : stderr).cut()
        return null
      case 'changes':
        changes = { put: event.put, delete: event.delete, notKept: event.notKept }
        return null
      case 'exit': {
        const out = stdout.finish()
        const error = stderr.finish()
        const isTruncated = out.isTruncated || error.isTruncated
        return {
          kind: 'exited',
          stdout: out.text,
          stderr: error.text,
          isTruncated,
          exit: event,
          changes,
          root,
        }
      }
      case 'error':
        return refused(event.code, event.message, event.retryAfterMs ?? null)
    }
  }

  function refused(code: RunnerErrorCode, message: string, retryAfterMs: number | null): Attempt {
    if (code === 'CANCELLED') return signal.aborted ? { kind: 'cancelled' } : stopped()
    if (code === 'OUTCOME_UNKNOWN') return { kind: 'unknown', message }
    return isStarted
      ? { kind: 'failed', code, message }
      : { kind: 'not_started', code, message, retryAfterMs }
  }

  /** Cancelled, but by nobody here: a runner that ends takes its commands with it. */
  function stopped(): Attempt {
    return isStarted
      ? { kind: 'unknown', message: 'the runner was stopped while the command ran' }
      : {
          kind: 'not_started',
          code: 'CONNECTION',
          message: 'the runner was stopped before the command started',
          retryAfterMs: null,
        }
  }

  /** Reads until the end or until the connection breaks (null). */
  async function listen(path: string): Promise<Attempt | null> {
    const post = { method: 'POST', path, exec, body } as const
    const stream = new AbortController()
    const either = AbortSignal.any([abort.signal, stream.signal])
    const response = await callRunner(caller, runner, post, either)
    if (response.body === null) throw new ConnectionError('the runner answers nothing')
    const offset = bytes
    for await (const received of readEvents(response.body, stream)) {
      const result = await onEvent(received.event)
      bytes = offset + received.bytes
      if (result !== null) return result
    }
    return null
  }

  const cancel = async (): Promise<void> => {
    const path = `/v1/exec/${encodeURIComponent(exec)}`
    const timeout = AbortSignal.timeout(CANCEL_WAIT_MS)
    await callRunner(caller, runner, { method: 'DELETE', path, exec }, timeout)
  }

  /**
   * The runner has no such exec. If it is still the process that we asked, cancelling bars the id
   * there, even should our request arrive late: only then the job is surely nowhere.
   */
  async function onNeverHeard(): Promise<Attempt> {
    const unknown = {
      kind: 'unknown',
      message: 'the runner no longer knows of the command',
    } as const
    if (isStarted || options.isResumed) return unknown
    try {
      await cancel()
    } catch {
      return unknown
    }
    if ((await runnerHealth(caller, runner))?.instance !== options.instance) return unknown
    const message = 'the runner never received the job'
    return { kind: 'not_started', code: 'CONNECTION', message, retryAfterMs: null }
  }

  let cancelTimer: ReturnType<typeof setTimeout> | null = null
  const onAbort = (): void => {
    cancel().catch(() => {})
    cancelTimer = setTimeout(() => abort.abort(), CANCEL_WAIT_MS)
  }
  if (signal.aborted && !options.isResumed) return { kind: 'cancelled' }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    let isFirst = !options.isResumed
    let failures = 0
    for (;;) {
      const before = bytes
      try {
        const result = await listen(isFirst ? '/v1/exec' : `/v1/exec?from=${bytes}`)
        if (result !== null) return result
      } catch (error) {
        if (error instanceof RunnerError) {
          if (error.code === 'NOT_FOUND' && !isFirst) return await onNeverHeard()
          return refused(error.code, error.message, error.retryAfterMs)
        }
        if (error instanceof LostFileError) {
          await cancel().catch(() => {})
          return { kind: 'failed', code: 'WORKSPACE_TOO_LARGE', message: error.message }
        }
        if (!(error instanceof ConnectionError)) throw error
      }
      if (abort.signal.aborted && signal.aborted) return { kind: 'cancelled' }
      isFirst = false
      failures = bytes > before ? 1 : failures + 1
      if (failures > MAX_REATTACHMENTS) {
        return { kind: 'unknown', message: 'the connection to the runner was lost' }
      }
      await pause(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))
    }
  } finally {
    if (cancelTimer !== null) clearTimeout(cancelTimer)
    signal.removeEventListener('abort', onAbort)
    abort.abort()
  }
}
