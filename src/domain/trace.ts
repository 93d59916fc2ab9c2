/**
 * What is remembered of how a run went: spans with their parents, in OpenTelemetry's terms. Names, ids,
 * counts and sizes; what was said, asked or answered is no part of a span.
 */
import { z } from 'zod'

/** W3C Trace Context: 16 and 8 bytes in lower-case hex, not all zeros. */
const hex = (form: RegExp) =>
  z
    .string()
    .regex(form)
    .refine((id) => !/^0+$/.test(id))
export const traceIdSchema = hex(/^[0-9a-f]{32}$/)
export const spanIdSchema = hex(/^[0-9a-f]{16}$/)

const attributeSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
export type AttributeValue = string | number | boolean | readonly string[]
export type Attributes = Readonly<Record<string, AttributeValue>>

export const SPAN_KINDS = ['internal', 'server', 'client'] as const
export const SPAN_SERVICES = ['gateway', 'sandbox-runner'] as const

export const spanSchema = z.object({
  spanId: spanIdSchema,
  /** Of this trace, or of the caller's; null: the trace begins here. */
  parentSpanId: spanIdSchema.nullable(),
  name: z.string(),
  kind: z.enum(SPAN_KINDS),
  /** Which process did the work. */
  service: z.enum(SPAN_SERVICES),
  startedAt: z.number(),
  endedAt: z.number(),
  status: z.enum(['ok', 'error', 'unset']),
  attributes: z.record(z.string(), attributeSchema),
})
export type Span = z.infer<typeof spanSchema>

/** Where a run's spans hang, when that is somewhere: the caller's `traceparent`, or a parent run's call. */
export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
}

/** How a message came in: its own span stands between the caller's and the run's. */
export interface TraceEntry {
  /** The operation that brought it; null for what no caller sent. */
  readonly name: string | null
  readonly receivedAt: number
  readonly parent: TraceParent | null
}

/** One run's spans, as they are stored. */
export interface RunTrace {
  readonly traceId: string
  readonly runId: string
  readonly userId: string
  readonly agentKey: string
  readonly sessionKey: string
  readonly status: 'ok' | 'error' | 'unset'
  readonly startedAt: number
  readonly endedAt: number
  /** By the settings of when it ended. */
  readonly expiresAt: number
  readonly spans: readonly Span[]
  /** Spans that there was no room for. */
  readonly dropped: number
  /** What its models took, as far as a price is known; of a run that failed the tokens alone. */
  readonly spent?: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly costMicroUsd: number
  }
}

/** A tenant has one receiver of traces. */
export const TRACE_EXPORTER_ID = 'otlp'
