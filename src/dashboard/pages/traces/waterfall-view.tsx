/** The spans of a trace below each other, each where it lies in time; one of them unfolded. */
import '../../ui/chart.css'
import './waterfall.css'
import { useState } from 'react'
import { formatCount, formatDuration, formatUsd } from '../../ui/numbers.ts'
import { type Bar, type Waterfall, WORKS } from './waterfall.ts'
import { WORK_WORDS, workClass } from './work-look.ts'

const STEPS = [0, 0.25, 0.5, 0.75, 1]
const INDENT_REM = 0.75
const MAX_DEPTH = 8

const LINE = 'grid grid-cols-[minmax(0,1fr)] gap-x-3 md:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]'

export function WaterfallView({ fall }: { readonly fall: Waterfall }) {
  const [open, setOpen] = useState<string | null>(null)
  const seen = WORKS.filter((work) => fall.bars.some((bar) => bar.work === work))
  return (
    <section aria-label="Waterfall" className="flex flex-col gap-2">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-kumo-subtle">
        {seen.map((work) => (
          <li key={work} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`h-3 w-4 rounded-sm ${workClass(work)}`} />
            {WORK_WORDS[work]}
          </li>
        ))}
      </ul>
      <div className="rounded-lg bg-kumo-base ring ring-kumo-line">
        <div className={`${LINE} border-b border-kumo-line px-3 py-2 text-xs text-kumo-subtle`}>
          <span className="hidden md:block">Span</span>
          <span className="flex justify-between tabular-nums" aria-hidden="true">
            {STEPS.map((step) => (
              <span key={step}>{formatDuration(fall.durationMs * step)}</span>
            ))}
          </span>
        </div>
        <ol>
          {fall.bars.map((bar) => (
            <SpanLine
              key={bar.span.spanId}
              bar={bar}
              isOpen={open === bar.span.spanId}
              onToggle={() => setOpen(open === bar.span.spanId ? null : bar.span.spanId)}
            />
          ))}
        </ol>
      </div>
    </section>
  )
}

interface SpanLineProps {
  readonly bar: Bar
  readonly isOpen: boolean
  readonly onToggle: () => void
}

function SpanLine({ bar, isOpen, onToggle }: SpanLineProps) {
  const { span, work, depth, left, width } = bar
  const isFailed = span.status === 'error'
  return (
    <li className="border-b border-kumo-hairline last:border-b-0">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className={`${LINE} w-full items-center px-3 py-1.5 text-left hover:bg-kumo-tint`}
      >
        <span
          className="flex min-w-0 items-baseline gap-2"
          style={{ paddingLeft: `${Math.min(depth, MAX_DEPTH) * INDENT_REM}rem` }}
        >
          <span className="truncate">{span.name}</span>
          <span className="sr-only">{WORK_WORDS[work]}</span>
          {isFailed && <span className="text-xs font-medium text-kumo-danger">failed</span>}
          <span className="ml-auto text-xs whitespace-nowrap text-kumo-default tabular-nums">
            {bar.tokens !== null && `${formatCount(bar.tokens.input + bar.tokens.output)} tok · `}
            {formatDuration(span.durationMs)}
          </span>
        </span>
        <span aria-hidden="true" className="relative my-1 h-4 rounded bg-kumo-recessed md:my-0">
          <span
            className={`absolute inset-y-0.5 rounded-sm ${workClass(work)} ${isFailed ? 'work-failed' : ''}`}
            style={{ left: `${left}%`, width: `${width}%` }}
          />
        </span>
      </button>
      {isOpen && <SpanDetails bar={bar} />}
    </li>
  )
}

const written = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

function SpanDetails({ bar: { span, work, offsetMs, tokens, costUsd } }: { readonly bar: Bar }) {
  const facts: readonly (readonly [string, string])[] = [
    ['What it is', WORK_WORDS[work]],
    ['Began after', formatDuration(offsetMs)],
    ['Took', formatDuration(span.durationMs)],
    ['Done by', span.service],
    ['Outcome', span.status],
    ...(tokens === null ? [] : ([['Tokens', `${tokens.input} in, ${tokens.output} out`]] as const)),
    ...(costUsd === null ? [] : ([['Cost', formatUsd(costUsd)]] as const)),
    ['Span', span.spanId],
    ...Object.entries(span.attributes).map(([name, value]) => [name, written(value)] as const),
  ]
  return (
    <dl className="m-0 grid gap-x-6 gap-y-1 bg-kumo-canvas px-4 py-3 text-xs sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="as-written text-kumo-subtle">{name}</dt>
          <dd className="as-written m-0 mb-1 font-mono sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
