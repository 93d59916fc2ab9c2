/** A trace laid out as a waterfall: which span hangs below which, how deep, and where in time. */

export interface SpanIn {
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly runId: string
  readonly name: string
  readonly kind: string
  readonly service: string
  readonly status: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export const WORKS = ['model', 'tool', 'approval', 'sandbox', 'run', 'request', 'other'] as const
/** What a span stands for. */
export type Work = (typeof WORKS)[number]

export interface Bar {
  readonly span: SpanIn
  readonly work: Work
  readonly depth: number
  /** Milliseconds after the trace began. */
  readonly offsetMs: number
  /** Hundredths of the whole; never so narrow that nothing is seen. */
  readonly left: number
  readonly width: number
  readonly tokens: { readonly input: number; readonly output: number } | null
  readonly costUsd: number | null
}

export interface Waterfall {
  readonly startedAt: number
  readonly durationMs: number
  readonly bars: readonly Bar[]
}

const LEAST_WIDTH = 0.4

export function workOf({ name, attributes }: SpanIn): Work {
  switch (attributes['gen_ai.operation.name']) {
    case 'chat':
      return 'model'
    case 'execute_tool':
      return 'tool'
    case 'invoke_agent':
      return 'run'
  }
  if (name === 'approval') return 'approval'
  if (name === 'sandbox_exec' || name === 'process') return 'sandbox'
  return 'edgeclaw.operation' in attributes ? 'request' : 'other'
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

function tokensOf({ attributes }: SpanIn): Bar['tokens'] {
  const input = numberOf(attributes['gen_ai.usage.input_tokens'])
  const output = numberOf(attributes['gen_ai.usage.output_tokens'])
  return input === null && output === null ? null : { input: input ?? 0, output: output ?? 0 }
}

/** Parents before children, siblings as they began; a span whose parent is not there begins a tree of its own. */
export function layOut(spans: readonly SpanIn[]): Waterfall {
  const begin = (span: SpanIn): number => Date.parse(span.startedAt)
  const end = (span: SpanIn): number => begin(span) + span.durationMs
  const startedAt = spans.reduce((least, span) => Math.min(least, begin(span)), Infinity)
  const endedAt = spans.reduce((most, span) => Math.max(most, end(span)), -Infinity)
  if (spans.length === 0) return { startedAt: 0, durationMs: 0, bars: [] }
  const durationMs = endedAt - startedAt
  const share = (ms: number): number => (durationMs === 0 ? 0 : (ms / durationMs) * 100)
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const below = Map.groupBy(spans, ({ parentSpanId }) =>
    parentSpanId !== null && ids.has(parentSpanId) ? parentSpanId : null,
  )
  const bars: Bar[] = []
  const placed = new Set<SpanIn>()
  const place = (span: SpanIn, depth: number): void => {
    // Spans come from outside as well: two that name each other as parent must not go on for ever.
    if (placed.has(span)) return
    placed.add(span)
    const offsetMs = begin(span) - startedAt
    const width = durationMs === 0 ? 100 : Math.max(share(span.durationMs), LEAST_WIDTH)
    bars.push({
      span,
      work: workOf(span),
      depth,
      offsetMs,
      left: Math.min(share(offsetMs), 100 - width),
      width,
      tokens: tokensOf(span),
      costUsd: numberOf(span.attributes['edgeclaw.cost.usd']),
    })
    const children = below.get(span.spanId) ?? []
    for (const child of children.toSorted((a, b) => begin(a) - begin(b))) place(child, depth + 1)
  }
  for (const root of (below.get(null) ?? []).toSorted((a, b) => begin(a) - begin(b))) place(root, 0)
  for (const left of spans) place(left, 0)
  return { startedAt, durationMs, bars }
}

/** Tokens of the calls of models alone: a run's own are their sum. What it cost is said of runs only. */
export function sumsOf(bars: readonly Bar[]) {
  const calls = bars.filter(({ work }) => work === 'model')
  const runs = bars.filter(({ work }) => work === 'run')
  return {
    modelCalls: calls.length,
    toolCalls: bars.filter(({ work }) => work === 'tool').length,
    input: calls.reduce((sum, { tokens }) => sum + (tokens?.input ?? 0), 0),
    output: calls.reduce((sum, { tokens }) => sum + (tokens?.output ?? 0), 0),
    costUsd: runs.some(({ costUsd }) => costUsd !== null)
      ? runs.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)
      : null,
    waitedMs: bars
      .filter(({ work }) => work === 'approval')
      .reduce((sum, { span }) => sum + span.durationMs, 0),
    failed: bars.filter(({ span }) => span.status === 'error').length,
  }
}
