/**
 * The spans of one run, in memory until it has ended. Ids follow from the run's own: a run that is
 * taken up after a crash goes on with the same ones, and whatever was told of them stays true. It
 * stores and sends nothing.
 */
import type { ActiveSpan, SpanStart, Tracing } from '../domain/ports/tracer.ts'
import {
  type Attributes,
  type AttributeValue,
  type RunTrace,
  type Span,
  spanIdSchema,
  type TraceParent,
  traceIdSchema,
} from '../domain/trace.ts'

/** Of one run: a hundred model calls with their tools fit, a loop gone wild does not fill a row. */
export const MAX_SPANS = 200
const MAX_ATTRIBUTES = 24
const MAX_VALUE_CHARS = 200
const MAX_NAME_CHARS = 120
const MAX_LIST = 8

const DAY_MS = 86_400_000
/** Of a run that ended before its tenant's settings were read. */
const DEFAULT_DAYS = 7

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n
const MASK = 0xffffffffffffffffn

/** FNV-1a, finished as splitmix64 is: spread well enough for ids of texts that are random themselves. */
function hash64(text: string): string {
  let hash = FNV_OFFSET
  for (let at = 0; at < text.length; at += 1) {
    hash = ((hash ^ BigInt(text.charCodeAt(at))) * FNV_PRIME) & MASK
  }
  hash = ((hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  hash = ((hash ^ (hash >> 27n)) * 0x94d049bb133111ebn) & MASK
  hash ^= hash >> 31n
  // Zero is no id.
  return (hash === 0n ? 1n : hash).toString(16).padStart(16, '0')
}

export const spanIdOf = (text: string): string => hash64(text)
export const traceIdOf = (text: string): string => hash64(`trace/${text}`) + hash64(`run/${text}`)

/** The part of a trace id that is random by W3C: its last seven bytes, held against the ratio. */
export const isSampled = (traceId: string, ratio: number): boolean =>
  Number.parseInt(traceId.slice(-14), 16) < ratio * 2 ** 56

/** W3C Trace Context, version 00, and later ones as far as they begin alike; null for anything else. */
export function parseTraceparent(header: string | null | undefined): TraceParent | null {
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header ?? '') ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest)) return null
  if (!traceIdSchema.safeParse(traceId).success || !spanIdSchema.safeParse(spanId).success)
    return null
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export const traceparentOf = (traceId: string, spanId: string): string =>
  `00-${traceId}-${spanId}-01`

export interface TraceOptions {
  readonly runId: string
  readonly parent: TraceParent | null
  readonly now: () => number
}

/** Of what is not kept. */
export const NO_SPAN: ActiveSpan = {
  start: () => NO_SPAN,
  set: () => {},
  end: () => {},
  traceparent: null,
}

type OpenSpan = Omit<Span, 'endedAt' | 'attributes'> & {
  attributes: Record<string, AttributeValue>
  endedAt: number | null
}

export class Trace implements Tracing {
  readonly traceId: string
  readonly #parent: TraceParent | null
  readonly #now: () => number
  readonly #runId: string
  readonly #spans: OpenSpan[] = []
  #made = 0
  #dropped = 0
  #isSampled = true
  #days = DEFAULT_DAYS
  #release: (text: string) => string = (text) => text

  constructor({ runId, parent, now }: TraceOptions) {
    this.traceId = parent?.traceId ?? traceIdOf(runId)
    this.#parent = parent
    this.#now = now
    this.#runId = runId
  }

  /** Known once the run has its tenant's settings; until then everything is kept. */
  keep(ratio: number, days: number): void {
    this.#days = days
    // Who is traced already is not left with half a trace; nobody is by a ratio of nothing.
    const isTraced = this.#parent?.isSampled === true || isSampled(this.traceId, ratio)
    this.#isSampled = ratio > 0 && isTraced
  }

  /** Everything that is stored passes here; from the moment that the run has secrets, its own gate. */
  protectWith(release: (text: string) => string): void {
    this.#release = release
  }

  root(span: SpanStart): ActiveSpan {
    return this.#open(span, this.#parent?.spanId ?? null, this.#runId)
  }

  #open(span: SpanStart, parentSpanId: string | null, scope: string): ActiveSpan {
    if (!this.#isSampled) return NO_SPAN
    const key = span.key ?? `${span.name}#${this.#made}`
    this.#made += 1
    const path = `${scope}/${key}`
    const spanId = span.spanId ?? spanIdOf(path)
    const open: OpenSpan = {
      spanId,
      parentSpanId,
      name: span.name,
      kind: span.kind ?? 'internal',
      service: span.service ?? 'gateway',
      startedAt: span.at ?? this.#now(),
      endedAt: null,
      status: 'unset',
      attributes: { ...span.attributes },
    }
    // A parent begins before its children: whatever has no room leaves no orphan behind.
    const isKept = this.#spans.length < MAX_SPANS
    if (isKept) this.#spans.push(open)
    else this.#dropped += 1
    const traceparent = traceparentOf(this.traceId, spanId)
    const tells = (): boolean => this.#isSampled
    return {
      start: (child) => {
        if (isKept) return this.#open(child, spanId, path)
        this.#dropped += 1
        return NO_SPAN
      },
      set: (attributes) => void Object.assign(open.attributes, attributes),
      end: (status = 'ok', at = this.#now()) => {
        if (open.endedAt !== null) return
        open.endedAt = Math.max(open.startedAt, at)
        open.status = status
      },
      get traceparent() {
        return tells() ? traceparent : null
      },
    }
  }

  /** What there is, scrubbed and cut; a span that never ended ends now. Null: it is not sampled. */
  collect(): Pick<RunTrace, 'endedAt' | 'expiresAt' | 'spans' | 'dropped'> | null {
    if (!this.#isSampled) return null
    const now = this.#now()
    const spans = this.#spans.map((span) => ({
      ...span,
      name: cleaned(span.name, this.#release, MAX_NAME_CHARS),
      endedAt: span.endedAt ?? Math.max(span.startedAt, now),
      attributes: cleanedAttributes(span.attributes, this.#release),
    }))
    const expiresAt = now + this.#days * DAY_MS
    return { endedAt: now, expiresAt, spans, dropped: this.#dropped }
  }
}

/** Scrubbed first: cut before, the beginning of a secret would be left. */
const cleaned = (text: string, release: (text: string) => string, limit: number): string =>
  release(text).slice(0, limit)

function cleanedAttributes(
  attributes: Attributes,
  release: (text: string) => string,
): Record<string, string | number | boolean | string[]> {
  const kept = Object.entries(attributes).slice(0, MAX_ATTRIBUTES)
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (typeof value === 'string') return [name, cleaned(value, release, MAX_VALUE_CHARS)]
      if (typeof value !== 'object') return [name, value]
      return [name, value.slice(0, MAX_LIST).map((one) => cleaned(one, release, MAX_VALUE_CHARS))]
    }),
  )
}
