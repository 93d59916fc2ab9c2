/**
 * Sends a tenant's traces to the receiver that it has named (OTLP over HTTP), through the guarded way.
 * What may pass is tried again by whoever calls; what the receiver will not have is let go.
 */
import type { Services } from '../api/context.ts'
import { openTraceHeaders } from '../crypto/trace-secret.ts'
import { findTraceExporter, noteTraceExport, type TraceExporter } from '../db/trace-exporters.ts'
import { markTracesSent, waitingTraces } from '../db/traces.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Fetch } from '../domain/model.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { encodeTraces, OTLP_CONTENT_TYPE } from '../telemetry/otlp.ts'
import type { Settings } from './env.ts'
import { guardedWay } from './guarded-way.ts'

const TRACES_PER_REQUEST = 20
const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024
/** OTLP 1.x, "Retryable Response Codes". */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

export interface ExportParts {
  readonly services: Services
  readonly settings: Settings
  readonly tenantId: TenantId
  /** Only tests say otherwise. */
  readonly fetch?: Fetch
}

/** Thrown for what may pass: the words are ours, and hold neither address nor header. */
export class ExportDelayedError extends Error {
  override readonly name = 'ExportDelayedError'
}

/** @returns whether more waits */
export async function exportTraces(parts: ExportParts): Promise<boolean> {
  const { services, tenantId } = parts
  const db = services.database(tenantId)
  const exporter = await findTraceExporter(db, tenantId)
  const waiting = await waitingTraces(db, tenantId, TRACES_PER_REQUEST)
  if (waiting.length === 0) return false
  const sent = exporter?.enabled ? await send(exporter, waiting, parts) : ok(null)
  if (exporter) {
    const failure = sent.ok ? null : sent.error.message
    await noteTraceExport(db, tenantId, exporter.endpoint, failure, services.now())
  }
  if (!sent.ok && sent.error.mayPass) throw new ExportDelayedError(sent.error.message)
  await markTracesSent(
    db,
    tenantId,
    waiting.map(({ runId }) => runId),
  )
  return waiting.length === TRACES_PER_REQUEST
}

interface SendFailure {
  readonly message: string
  readonly mayPass: boolean
}

async function send(
  exporter: TraceExporter,
  traces: Parameters<typeof encodeTraces>[0],
  { services, settings, tenantId, fetch }: ExportParts,
): Promise<Result<null, SendFailure>> {
  const headers = await openHeaders(exporter, services, tenantId, settings.acceptPlaintext)
  if (!headers.ok) return headers
  const way =
    fetch ??
    guardedWay(
      { settings, tenantId, now: services.now, purpose: 'traces' },
      {
        allowPrivateNetwork: exporter.allowPrivateNetwork,
        maxBytes: MAX_ANSWER_BYTES,
        timeoutMs: TIMEOUT_MS,
        isStreamed: false,
      },
    ).fetch
  let response: Response
  try {
    response = await way(exporter.endpoint, {
      method: 'POST',
      headers: { ...headers.value, 'content-type': OTLP_CONTENT_TYPE },
      body: encodeTraces(traces, { tenant: tenantId, version: settings.version }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    return err({ message: 'the receiver of traces could not be reached', mayPass: true })
  }
  await response.body?.cancel().catch(() => undefined)
  if (response.ok) return ok(null)
  const message = `the receiver of traces answered ${response.status}`
  return err({ message, mayPass: RETRYABLE.has(response.status) })
}

async function openHeaders(
  { sealedHeaders }: TraceExporter,
  { keyRing }: Services,
  tenantId: TenantId,
  acceptPlaintext: boolean,
): Promise<Result<Record<string, string>, SendFailure>> {
  if (sealedHeaders === null) return ok({})
  const opened = await openTraceHeaders(keyRing, tenantId, sealedHeaders, { acceptPlaintext })
  const unreadable = 'the headers of the receiver cannot be read; set them again'
  if (!opened.ok) return err({ message: unreadable, mayPass: false })
  try {
    return ok(JSON.parse(opened.value.text) as Record<string, string>)
  } catch {
    return err({ message: unreadable, mayPass: false })
  }
}
