/** Says on every page that something stands still, and why. */
import { HandPalmIcon } from '@phosphor-icons/react/HandPalm'
import { Link } from '@tanstack/react-router'
import { useMay } from '../client/use-gateway.ts'
import { useOperation } from '../client/use-operation.ts'
import { stopTitle } from './estop-words.ts'

/** Others may set one without this page hearing of it. */
const EVERY_MS = 30_000

export function EstopBanner() {
  const maySee = useMay('estop.list')
  const { data } = useOperation('estop.list', {}, { enabled: maySee, everyMs: EVERY_MS })
  const stops = data?.stops ?? []
  const first = stops.find(({ kind }) => kind === 'kill-all') ?? stops[0]
  if (first === undefined) return null
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-kumo-danger bg-kumo-danger-tint px-4 py-2 text-sm"
    >
      <HandPalmIcon size={18} weight="fill" aria-hidden className="shrink-0 text-kumo-danger" />
      <span className="min-w-0 flex-1">
        <strong className="as-written text-kumo-danger">
          Emergency stop: {stopTitle(first)}
          {stops.length > 1 && ` and ${stops.length - 1} more`}
        </strong>{' '}
        <span className="as-written text-kumo-default">Reason: {first.reason}</span>
      </span>
      <Link to="/security" search={{ tab: 'stop' }} className="text-kumo-link underline">
        Look at it
      </Link>
    </div>
  )
}
