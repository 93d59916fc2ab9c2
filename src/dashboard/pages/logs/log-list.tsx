/** Lines with the newest at the top; a line that does not fit is shown whole when lines are wrapped. */
import { useEffect, useRef, useState } from 'react'
import { DataList } from '../../ui/data-list.tsx'
import { LevelMark } from '../../ui/level.tsx'
import { fieldsText, type Line, linesOf } from './lines.ts'

export interface LogListProps {
  /** Oldest first. */
  readonly lines: readonly Line[]
  readonly isWrapped: boolean
}

const times = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  fractionalSecondDigits: 3,
})
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'short' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

const LINE_PX = 16
const PADDING_PX = 16
/** Of the monospaced font that lines are set in. */
const CHAR_PX = 7.3
/** What padding and the other columns take, on wide screens and on narrow ones. */
const BESIDE_PX = { wide: 260, narrow: 150 }
const WIDE_FROM_PX = 700
const FEWEST_CHARS = 16

function Moment({ at }: { readonly at: number }) {
  const isToday = new Date(at).toDateString() === new Date().toDateString()
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={exact.format(at)}
      className="text-kumo-subtle"
    >
      {isToday ? '' : `${days.format(at)} `}
      {times.format(at)}
    </time>
  )
}

export function LogList({ lines, isWrapped }: LogListProps) {
  const [width, setWidth] = useState(0)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    if (frame.current !== null) sizes.observe(frame.current)
    return () => sizes.disconnect()
  }, [])
  const beside = width >= WIDE_FROM_PX ? BESIDE_PX.wide : BESIDE_PX.narrow
  const chars = Math.max(FEWEST_CHARS, Math.floor((width - beside) / CHAR_PX))
  return (
    <div ref={frame} className="font-mono text-xs">
      <DataList
        key={isWrapped ? chars : 'lines'}
        label="Log lines, newest first"
        rows={lines.toReversed()}
        keyOf={({ seq }) => String(seq)}
        rowHeight={(line) => (isWrapped ? linesOf(line, chars) : 1) * LINE_PX + PADDING_PX}
        columns={[
          { title: 'Time', width: '7rem', cell: ({ at }) => <Moment at={at} /> },
          {
            title: 'Level',
            width: '6rem',
            isSecondary: true,
            cell: ({ level }) => <LevelMark level={level} />,
          },
          {
            title: 'Line',
            width: 'minmax(0, 1fr)',
            cell: (line) => <LineText line={line} isWrapped={isWrapped} />,
          },
        ]}
      />
    </div>
  )
}

interface LineTextProps {
  readonly line: Line
  readonly isWrapped: boolean
}

function LineText({ line, isWrapped }: LineTextProps) {
  const fields = fieldsText(line)
  const look = isWrapped ? 'as-written block' : ''
  return (
    <span className={look} title={isWrapped ? '' : fields}>
      {line.level !== 'info' && (
        <span className="mr-2 font-semibold uppercase md:hidden">{line.level}</span>
      )}
      <span className="font-semibold">{line.event}</span>{' '}
      <span className="text-kumo-subtle">{fields}</span>
    </span>
  )
}
