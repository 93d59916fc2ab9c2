// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot lie in a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: the list is focused as a whole, its rows hold the controls
/**
 * A long table of which only the rows in sight are drawn; the server is asked for more when the end
 * comes near. Rows are as high as they are said to be: nothing is measured while it scrolls.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  memo,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import { Failure, Loading } from './states.tsx'

export interface Column<Row> {
  readonly title: string
  /** A CSS grid track: `1fr`, `minmax(8rem, 2fr)`, `7rem`. */
  readonly width: string
  /** Left out where the screen is narrow. */
  readonly isSecondary?: boolean
  readonly cell: (row: Row) => ReactNode
}

export interface ReadFailure {
  readonly error: unknown
  readonly retry: () => void
}

/** Of a list in pages, of which the next could not be read. */
export const failedPage = (query: {
  readonly isFetchNextPageError: boolean
  readonly error: unknown
  fetchNextPage(): Promise<unknown>
}): ReadFailure | null =>
  query.isFetchNextPageError
    ? { error: query.error, retry: () => void query.fetchNextPage() }
    : null

export interface DataListProps<Row> {
  /** What the rows are, for readers of the page: `Sessions`. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly hasMore?: boolean
  readonly isLoadingMore?: boolean
  readonly onMore?: () => void
  /** Why there is no more of it yet: it is asked for again only when somebody says so. */
  readonly failure?: ReadFailure | null
  /** CSS height; the list scrolls inside of it. */
  readonly height?: string
  /** Pixels; of each row where they differ. */
  readonly rowHeight?: number | ((row: Row) => number)
}

const ROW_PX = 44
const OVERSCAN = 6
/** So many rows before the end the next page is asked for. */
const AHEAD = 20

const LINE =
  'grid items-center gap-3 px-3 [grid-template-columns:var(--narrow)] md:[grid-template-columns:var(--wide)]'

export function DataList<Row>({
  label,
  columns,
  rows,
  keyOf,
  hasMore = false,
  isLoadingMore = false,
  onMore,
  failure = null,
  height = 'min(70vh, 48rem)',
  rowHeight = ROW_PX,
}: DataListProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      if (typeof rowHeight === 'number') return rowHeight
      const row = rows[index]
      return row === undefined ? ROW_PX : rowHeight(row)
    },
    overscan: OVERSCAN,
  })
  const isUneven = typeof rowHeight !== 'number'
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are of other heights
  useLayoutEffect(() => {
    if (isUneven) virtual.measure()
  }, [isUneven, rows])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const hasFailed = failure !== null
  useEffect(() => {
    if (hasMore && !isLoadingMore && !hasFailed && last >= rows.length - AHEAD) onMore?.()
  }, [hasMore, isLoadingMore, hasFailed, last, rows.length, onMore])
  const wide = columns.map(({ width }) => width).join(' ')
  const narrow = columns
    .filter(({ isSecondary }) => !isSecondary)
    .map(({ width }) => width)
    .join(' ')
  const lineStyle = useMemo(
    () => ({ '--wide': wide, '--narrow': narrow }) as CSSProperties,
    [wide, narrow],
  )
  return (
    <div
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      // A scrolled region must be reachable by the keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1
      tabIndex={0}
      className="isolate overflow-auto rounded-lg bg-kumo-base ring ring-kumo-line"
      style={{ maxHeight: height }}
    >
      <div role="rowgroup" className="sticky top-0 z-10 border-b border-kumo-line bg-kumo-base">
        <div
          role="row"
          className={`${LINE} h-10 text-sm font-medium text-kumo-subtle`}
          style={lineStyle}
        >
          {columns.map(({ title, isSecondary }) => (
            <div
              key={title}
              role="columnheader"
              className={`truncate ${isSecondary ? 'hidden md:block' : ''}`}
            >
              {title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, size }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <Line
              key={keyOf(row)}
              row={row}
              columns={columns as readonly Column<unknown>[]}
              place={index + 2}
              start={start}
              size={size}
              style={lineStyle}
            />
          )
        })}
      </div>
      {isLoadingMore && <Loading what="Loading more" />}
      {failure !== null && !isLoadingMore && (
        <Failure title="The rest could not be read" error={failure.error} onRetry={failure.retry} />
      )}
    </div>
  )
}

interface LineProps {
  readonly row: unknown
  readonly columns: readonly Column<unknown>[]
  /** Counted from the heading, which is the first. */
  readonly place: number
  readonly start: number
  readonly size: number
  readonly style: CSSProperties
}

/** While it scrolls, only rows that come into sight are drawn: those that are there stay as they are. */
const Line = memo(function Line({ row, columns, place, start, size, style }: LineProps) {
  return (
    <div
      role="row"
      aria-rowindex={place}
      className={`${LINE} absolute inset-x-0 border-b border-kumo-hairline`}
      style={{ ...style, height: size, transform: `translateY(${start}px)` }}
    >
      {columns.map(({ title, isSecondary, cell }) => (
        <div
          key={title}
          role="cell"
          className={`min-w-0 truncate ${isSecondary ? 'hidden md:block' : ''}`}
        >
          {cell(row)}
        </div>
      ))}
    </div>
  )
})
