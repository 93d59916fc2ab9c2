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

const NARROW_ROW = 'max-md:block max-md:border-b max-md:border-kumo-line max-md:py-2'
const NARROW_CELL = 'max-md:flex max-md:justify-between max-md:gap-4 max-md:border-0 max-md:py-1'

/**
 * Where the screen is narrow each row is a list of its cells, named by their headings: buttons that lie
 * behind the edge are not found. Its parts say what they are, since a table that is laid out as something
 * else is none for readers of the page.
 */
export function SimpleTable<Row>({ label, columns, rows, keyOf }: SimpleTableProps<Row>) {
  return (
    <section
      aria-label={`${label}, table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg bg-kumo-base ring ring-kumo-line"
    >
      <Table role="table" className="max-md:block">
        <Table.Header role="rowgroup" className="max-md:sr-only">
          <Table.Row role="row">
            {columns.map(({ title, isActions }) => (
              <Table.Head key={title} role="columnheader">
                {isActions ? <span className="sr-only">{title}</span> : title}
              </Table.Head>
            ))}
          </Table.Row>
        </Table.Header>
        <Table.Body role="rowgroup" className="max-md:block">
          {rows.map((row) => (
            <Table.Row key={keyOf(row)} role="row" className={NARROW_ROW}>
              {columns.map(({ title, cell, isActions }) => (
                <Table.Cell
                  key={title}
                  role="cell"
                  className={`${NARROW_CELL} ${isActions ? 'text-right whitespace-nowrap max-md:justify-end' : ''}`}
                >
                  {!isActions && (
                    <span aria-hidden="true" className="shrink-0 text-kumo-subtle md:hidden">
                      {title}
                    </span>
                  )}
                  <div className="min-w-0 max-md:text-right">{cell(row)}</div>
                </Table.Cell>
              ))}
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  )
}
