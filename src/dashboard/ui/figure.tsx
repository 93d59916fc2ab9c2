/** One number that matters, with its name over it and what it means below. */
import type { ReactNode } from 'react'
import { Card } from './page.tsx'

export interface FigureProps {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
  readonly tone?: 'plain' | 'bad' | 'warning'
}

const TONES = { plain: 'text-kumo-default', bad: 'text-kumo-danger', warning: 'text-kumo-warning' }

/** Lies in a <dl>, which {@link Figures} is. */
export function Figure({ label, value, note, tone = 'plain' }: FigureProps) {
  return (
    <Card className="flex min-w-0 flex-col gap-1">
      <dt className="truncate text-sm text-kumo-subtle">{label}</dt>
      <dd className={`m-0 text-xl font-semibold tabular-nums ${TONES[tone]}`}>{value}</dd>
      {note !== undefined && <dd className="m-0 text-xs text-kumo-subtle">{note}</dd>}
    </Card>
  )
}

export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className="m-0 grid grid-cols-2 gap-3 lg:grid-cols-4">{children}</dl>
}
