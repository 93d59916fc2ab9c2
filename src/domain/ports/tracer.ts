/** Spans of a run in progress. What is not sampled is handed the same port, and keeps nothing. */
import type { Attributes, Span } from '../trace.ts'

export interface SpanStart {
  readonly name: string
  readonly kind?: Span['kind']
  readonly service?: Span['service']
  readonly attributes?: Attributes
  /** The same key under the same parent names the same span, also after a crash. */
  readonly key?: string
  /** Made by whoever did the work; else one is made here. */
  readonly spanId?: string
  /** When it began; absent: now. */
  readonly at?: number
}

export interface ActiveSpan {
  start(span: SpanStart): ActiveSpan
  set(attributes: Attributes): void
  /** Once; what comes later changes nothing. */
  end(status?: Span['status'], at?: number): void
  /** What others are told of it (W3C); null where nothing is sampled. */
  readonly traceparent: string | null
}

/** What a turn is handed: the span of its run, and a say in what is kept of it. */
export interface RunTracing {
  readonly run: ActiveSpan
  readonly trace: Tracing
}

export interface Tracing {
  /** By the tenant's settings: the share of traces that is kept, and for how long. */
  keep(ratio: number, days: number): void
  /** Every text passes the run's own gate from then on, what was written before included. */
  protectWith(release: (text: string) => string): void
}
