/** A table of few rows that are shown whole; for long ones there is `data-list.tsx`. */
import { Table } from '@cloudflare/kumo/components/table'
import type { ReactNode } from 'react'

export interface SimpleColumn<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Holds buttons: its heading is for readers of the page alone. */
  readonly isActions?: boolean
}

export interface SimpleTableProps<Row> {
  readonly label: string
  readonly columns: readonly SimpleColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}

export function SimpleTable<Row>({ label, columns, rows, keyOf }: SimpleTableProps<Row>) {
  return (
    <section
      aria-label={`${label}, table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg bg-kumo-base ring ring-kumo-line"
    >
      <Table>
        <Table.Header>
          <Table.Row>
            {columns.map(({ title, isActions }) => (
              <Table.Head key={title}>
                {isActions ? <span className="sr-only">{title}</span> : title}
              </Table.Head>
            ))}
          </Table.Row>
        </Table.Header>
        <Table.Body>
          {rows.map((row) => (
            <Table.Row key={keyOf(row)}>
              {columns.map(({ title, cell, isActions }) => (
                <Table.Cell key={title} className={isActions ? 'text-right whitespace-nowrap' : ''}>
                  {cell(row)}
                </Table.Cell>
              ))}
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  )
}
