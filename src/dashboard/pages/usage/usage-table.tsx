/** The sums of a group, in the order that was asked for. */
import { ArrowDownIcon } from '@phosphor-icons/react/ArrowDown'
import { ArrowUpIcon } from '@phosphor-icons/react/ArrowUp'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import {
  type Column,
  type Group,
  MEASURES,
  nameOf,
  pressed,
  type Sorting,
  type Sums,
  type UsageRow,
} from './rows.ts'

export interface UsageTableProps {
  readonly title: string
  readonly group: Group
  readonly rows: readonly UsageRow[]
  readonly total: Sums
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

const text = (measure: keyof Sums, value: number): string =>
  measure === 'cost_usd' ? formatUsd(value) : formatCount(value)

export function UsageTable({ title, group, rows, total, sorting, onSort }: UsageTableProps) {
  const head = (column: Column, label: string) => (
    <ColumnHead key={column} column={column} label={label} sorting={sorting} onSort={onSort} />
  )
  return (
    <section
      aria-label={`Usage by ${group}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
      tabIndex={0}
      className="max-h-[70vh] overflow-auto rounded-lg bg-kumo-base ring ring-kumo-line"
    >
      <table className="w-full text-sm tabular-nums">
        <thead className="sticky top-0 bg-kumo-base">
          <tr>
            {head('name', title)}
            {MEASURES.map(([measure, label]) => head(measure, label))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={nameOf(row, group)} className="border-t border-kumo-hairline">
              <th scope="row" className="as-written min-w-32 px-3 py-2 text-left font-normal">
                {nameOf(row, group)}
                {row['unpriced'] === true && (
                  <span className="text-kumo-subtle"> (without a price)</span>
                )}
              </th>
              {MEASURES.map(([measure]) => (
                <td key={measure} className="px-3 py-2 text-right whitespace-nowrap">
                  {text(measure, row[measure])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot className="sticky bottom-0 bg-kumo-base">
          <tr className="border-t border-kumo-line font-medium">
            <th scope="row" className="px-3 py-2 text-left">
              Total
            </th>
            {MEASURES.map(([measure]) => (
              <td key={measure} className="px-3 py-2 text-right whitespace-nowrap">
                {text(measure, total[measure])}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </section>
  )
}

interface HeadProps {
  readonly column: Column
  readonly label: string
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

function ColumnHead({ column, label, sorting, onSort }: HeadProps) {
  const isSorted = sorting.column === column
  const Arrow = sorting.isRising ? ArrowUpIcon : ArrowDownIcon
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sorting.isRising ? 'ascending' : 'descending') : 'none'}
      className={`p-1 ${column === 'name' ? 'text-left' : 'text-right'}`}
    >
      <button
        type="button"
        onClick={() => onSort(pressed(sorting, column))}
        className={`inline-flex items-center gap-1 rounded px-2 py-1 font-medium whitespace-nowrap text-kumo-subtle hover:text-kumo-default ${column === 'name' ? '' : 'flex-row-reverse'}`}
      >
        {label}
        {isSorted && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  )
}
