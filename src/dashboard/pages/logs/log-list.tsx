/** Lines with the newest at the top; a line that does not fit is shown whole when lines are wrapped. */
import { DataList } from '../../ui/data-list.tsx'
import { LevelMark } from '../../ui/level.tsx'
import { fieldsText, type Line } from './lines.ts'

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

const NARROW_PX = 32
const WRAPPED_PX = 88

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
  return (
    <div className="font-mono text-xs">
      <DataList
        key={isWrapped ? 'wrapped' : 'lines'}
        label="Log lines, newest first"
        rows={lines.toReversed()}
        keyOf={({ seq }) => String(seq)}
        rowHeight={isWrapped ? WRAPPED_PX : NARROW_PX}
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
  const look = isWrapped ? 'as-written block max-h-20 overflow-auto' : ''
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
