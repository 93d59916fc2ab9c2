/** The rows as a table for a person, and as JSON for a program. */
import { type Machine, machine, table } from '../report.ts'
import type { Goal, Row } from './verdict.ts'

export interface SandboxMachine extends Machine {
  readonly engine: string
  readonly image: string
  /** Of one minute, before the run: what else was there to do. */
  readonly loadBefore: number
}

const ms = (value: number | null): string =>
  value === null ? '' : value.toFixed(value < 100 ? 1 : 0)

const goalText = (goal: Goal | undefined): string => {
  if (goal === undefined) return ''
  return goal.kind === 'ratio' ? `≤ ${goal.most} ×` : `p99 ≤ ${goal.mostMs / 1_000} s`
}

const countText = ({ count, failed }: Row): string =>
  failed === 0 ? String(count) : `${count}, ${failed} failed`

/** Several rows with the same to say say it once. */
function notesOf(rows: readonly Row[]): string {
  const numbers = new Map<string, number[]>()
  for (const [i, { note }] of rows.entries()) {
    if (note !== '') numbers.set(note, [...(numbers.get(note) ?? []), i + 1])
  }
  return [...numbers].map(([note, of]) => `${of.join(', ')}: ${note}\n`).join('')
}

export function sandboxTable(about: SandboxMachine, rows: readonly Row[]): string {
  const numberOf = new Map(rows.map(({ id }, i) => [id, i + 1]))
  const head = ['ms', 'n', 'p50', 'p99', 'medians', 'goal', 'verdict']
  const lines = rows.map((row, i) => [
    `${String(i + 1).padStart(2)} ${row.what}`,
    countText(row),
    ms(row.p50Ms),
    ms(row.p99Ms),
    row.ratio === null ? '' : `${row.ratio.toFixed(2)} × ${numberOf.get(row.floor ?? '') ?? ''}`,
    goalText(row.goal),
    row.verdict ?? (row.count === 0 ? 'absent' : ''),
  ])
  const first =
    `${machine(about).trimEnd()}, engine ${about.engine}, image ${about.image}, ` +
    `load ${about.loadBefore.toFixed(1)}\n`
  return `${first}\n${table([head, ...lines])}${notesOf(rows)}`
}

export const sandboxJson = (about: SandboxMachine, rows: readonly Row[]): string =>
  `${JSON.stringify({ machine: about, rows }, null, 2)}\n`
