/** The tenant's log as it is written. */
import { Button } from '@cloudflare/kumo/components/button'
import { PauseIcon } from '@phosphor-icons/react/Pause'
import { PlayIcon } from '@phosphor-icons/react/Play'
import { useDeferredValue, useMemo, useState } from 'react'
import { InlineChoice } from '../../ui/choice.tsx'
import { COMPACT } from '../../ui/labelled.tsx'
import { formatCount } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading, Nothing } from '../../ui/states.tsx'
import { oneOf, useAddress } from '../../ui/use-address.ts'
import { filtered, LEVELS, type Line, MAX_LINES } from './lines.ts'
import { LogList } from './log-list.tsx'
import { useLog } from './use-log.ts'

const LEVEL_NAMES = { info: 'Everything', warn: 'Warnings and errors', error: 'Errors' } as const

export default function LogsPage() {
  const { lines, error, retry, clear } = useLog()
  const [address, change] = useAddress()
  const [halted, setHalted] = useState<readonly Line[] | null>(null)
  const [isWrapped, setWrapped] = useState(false)
  const [text, setText] = useState(address['text'] ?? '')
  const wanted = useDeferredValue(text)
  const least = oneOf(address['level'], LEVELS)
  const seen = halted ?? lines
  const shown = useMemo(() => filtered(seen ?? [], { least, text: wanted }), [seen, least, wanted])
  const missed = halted === null ? 0 : (lines?.at(-1)?.seq ?? 0) - (halted.at(-1)?.seq ?? 0)
  return (
    <Page
      title="Logs"
      description="What the gateway does for this tenant: ids, names and counts, never what was said."
      actions={
        <>
          <Button
            icon={halted === null ? PauseIcon : PlayIcon}
            onClick={() => setHalted(halted === null ? (lines ?? []) : null)}
          >
            {halted === null ? 'Pause' : 'Go on'}
          </Button>
          <Button
            onClick={() => {
              clear()
              setHalted(null)
            }}
          >
            Clear
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <InlineChoice
          label="Level"
          value={least}
          options={LEVELS.map((level) => [level, LEVEL_NAMES[level]] as const)}
          onChange={(level) => change({ level: level === 'info' ? null : level })}
        />
        <label className="flex min-w-56 flex-1 items-center gap-2 text-sm text-kumo-subtle">
          Text
          <input
            type="search"
            className={`${COMPACT} w-full max-w-sm`}
            placeholder="Part of an event or a field"
            value={text}
            onChange={({ target }) => setText(target.value)}
            onBlur={() => change({ text: text || null })}
          />
        </label>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={isWrapped}
            onChange={({ target }) => setWrapped(target.checked)}
          />
          Wrap lines
        </label>
      </div>
      {error !== null && <Failure error={error} onRetry={retry} />}
      {lines === null && error === null && <Loading what="Reading the log" />}
      {seen !== null &&
        (shown.length === 0 ? (
          <Nothing
            title={seen.length === 0 ? 'Nothing was written yet' : 'No line matches'}
            description={
              seen.length === 0
                ? 'Lines appear here as soon as something happens.'
                : 'Choose another level, or another text.'
            }
          />
        ) : (
          <LogList lines={shown} isWrapped={isWrapped} />
        ))}
      <p role="status" className="text-sm text-kumo-subtle">
        {halted !== null
          ? `Paused: ${formatCount(missed)} more line${missed === 1 ? '' : 's'} since.`
          : `${formatCount(shown.length)} of ${formatCount(seen?.length ?? 0)} lines; the last ${formatCount(MAX_LINES)} are kept.`}
      </p>
    </Page>
  )
}
