/**
 * One signed request to one runner, and the reading of its answers. Knows the wire, not the flow:
 * it repeats nothing and decides nothing.
 */
import type { z } from 'zod'
import { sha256Hex } from '../crypto/digest.ts'
import { type RunnerSignKey, signJob } from '../crypto/job-token.ts'
import { bytesWithin } from '../domain/bytes-within.ts'
import type { Fetch } from '../domain/model.ts'
import {
  type ExecEvent,
  errorBodySchema,
  execEventSchema,
  type Health,
  healthSchema,
  MAX_EVENT_LINE_BYTES,
  type RunnerErrorCode,
} from './contract.ts'
import type { RunnerEndpoint } from './runners.ts'

/** To a runner that is up; one that is not is passed over. */
const CONNECT_TIMEOUT_MS = 2_000
/** A runner says something every 15 s, be it a keep-alive. */
const IDLE_TIMEOUT_MS = 45_000
const MAX_ERROR_BYTES = 64 * 1024
const MAX_HEALTH_BYTES = 64 * 1024

export interface RunnerCaller {
  readonly fetch: Fetch
  readonly signKey: RunnerSignKey
  readonly tenant: string
  readonly session: string
  readonly now: () => number
  readonly onTrouble?: OnTrouble
  readonly tracing?: ExecTracing
}

/** W3C Trace Context with the runner: whose span asks, and which span the runner calls its own. */
export interface ExecTracing {
  readonly traceparent: string
  onRunnerSpan(spanId: string): void
}

/** Why a runner did not do what it was asked, where that is its own or the settings' fault. */
export type OnTrouble = (keyId: string, code: RunnerErrorCode | 'CONNECTION') => void

export interface RunnerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly exec: string
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** What a runner answered that is no success. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError'
  readonly code: RunnerErrorCode
  readonly retryAfterMs: number | null

  constructor(code: RunnerErrorCode, message: string, retryAfterMs: number | null) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer, half an answer, or something that is no runner's: the connection's fault. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** Of a runner that keeps to what it was asked for: more of it is the connection's fault. */
export async function readJson(response: Response, maxBytes: number): Promise<unknown> {
  const bytes = await bytesWithin(response.body, maxBytes)
  if (bytes === null) throw new ConnectionError('the answer is too long')
  return JSON.parse(new TextDecoder().decode(bytes)) as unknown
}

async function throwError(response: Response): Promise<never> {
  try {
    const { error } = errorBodySchema.parse(await readJson(response, MAX_ERROR_BYTES))
    throw new RunnerError(error.code, error.message, error.retryAfterMs ?? null)
  } catch (error) {
    if (error instanceof RunnerError) throw error
    throw new ConnectionError(`the runner answers ${response.status}`)
  }
}

/** Answers with a success only; throws RunnerError or ConnectionError. */
export async function callRunner(
  caller: RunnerCaller,
  runner: RunnerEndpoint,
  { method, path, exec, body }: RunnerRequest,
  signal: AbortSignal,
): Promise<Response> {
  const token = await signJob(
    caller.signKey,
    {
      audience: runner.keyId,
      method,
      path,
      tenant: caller.tenant,
      session: caller.session,
      exec,
      bodySha256: await sha256Hex(body ?? ''),
    },
    caller.now(),
  )
  let response: Response
  try {
    response = await caller.fetch(`${runner.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...(caller.tracing ? { traceparent: caller.tracing.traceparent } : {}),
      },
      // A runner has nowhere to send anyone: followed, a redirect would carry the job elsewhere.
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body }),
    })
  } catch {
    throw new ConnectionError('the runner does not answer')
  }
  if (!response.ok) return throwError(response)
  const spanId = caller.tracing && runnerSpanOf(response, caller.tracing.traceparent)
  if (spanId) caller.tracing?.onRunnerSpan(spanId)
  return response
}

/** Of our own trace only: a runner names its span, never another's. */
function runnerSpanOf({ headers }: Response, traceparent: string): string | null {
  const [, traceId, spanId = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(headers.get('traceresponse') ?? '') ?? []
  return traceId === traceparent.slice(3, 35) && !/^0+$/.test(spanId) ? spanId : null
}

/** Null when the runner does not answer in time, or not as a runner. */
export async function runnerHealth(
  caller: Pick<RunnerCaller, 'fetch'>,
  runner: RunnerEndpoint,
): Promise<Health | null> {
  try {
    const response = await caller.fetch(`${runner.url}/health`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
    })
    const parsed = healthSchema.safeParse(await readJson(response, MAX_HEALTH_BYTES))
    return response.ok && parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export interface ReceivedEvent<Event = ExecEvent> {
  readonly event: Event
  /** Of the stream up to and with this event: where a reattachment begins. */
  readonly bytes: number
}

export const readEvents = (
  body: ReadableStream<Uint8Array>,
  abort: AbortController,
): AsyncGenerator<ReceivedEvent> => readRecords(body, abort, execEventSchema)

/** Cuts the stream into events; throws ConnectionError when it breaks, stalls or makes no sense. */
export async function* readRecords<Event>(
  body: ReadableStream<Uint8Array>,
  abort: AbortController,
  schema: z.ZodType<Event>,
): AsyncGenerator<ReceivedEvent<Event>> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let timer: ReturnType<typeof setTimeout> | null = null
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let bytes = 0
  try {
    for (;;) {
      if (timer !== null) clearTimeout(timer)
      timer = setTimeout(() => abort.abort(), IDLE_TIMEOUT_MS)
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined) throw new ConnectionError('the stream breaks off')
      let from = 0
      for (let end = value.indexOf(10); end !== -1; end = value.indexOf(10, from)) {
        const line = [...pending, value.subarray(from, end)]
        const length = pendingBytes + end - from
        from = end + 1
        pending = []
        pendingBytes = 0
        // A blank line is a keep-alive and no part of the record.
        if (length === 0) continue
        bytes += length + 1
        yield { event: parseEvent(schema, decoder.decode(concat(line, length))), bytes }
      }
      if (from < value.length) {
        pending.push(value.subarray(from))
        pendingBytes += value.length - from
        if (pendingBytes > MAX_EVENT_LINE_BYTES) throw new ConnectionError('an event is too long')
      }
    }
  } finally {
    if (timer !== null) clearTimeout(timer)
    reader.cancel().catch(() => {})
  }
}

function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function parseEvent<Event>(schema: z.ZodType<Event>, line: string): Event {
  try {
    return schema.parse(JSON.parse(line))
  } catch {
    throw new ConnectionError('the runner sends a malformed event')
  }
}
