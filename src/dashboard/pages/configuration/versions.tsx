/** Documents as they were written, what going back to one would change, and the way back. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Card } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { DiffView } from './diff-view.tsx'
import { ReviewDialog } from './review-dialog.tsx'

type Row = ResultOf<'config.versions.list'>['versions'][number]

const PAGE = 50

export function Versions() {
  const [search, change] = useAddress()
  const [limit, setLimit] = useState(PAGE)
  const versions = useOperation('config.versions.list', { limit }, { keepsPrevious: true })
  const current = useOperation('config.get', {})
  return (
    <Answer
      query={versions}
      what="Loading the versions"
      empty={({ versions: rows }) =>
        rows.length > 0 ? null : (
          <Nothing
            title="No version yet"
            description="Every change of the configuration becomes one, and you can go back to it."
          />
        )
      }
    >
      {({ versions: rows, hasMore }) => {
        const selected = rows.find(({ number }) => String(number) === search['version']) ?? rows[0]
        return (
          <div className="grid items-start gap-6 md:grid-cols-[16rem_minmax(0,1fr)]">
            <div>
              <ul
                aria-label="Versions"
                className="flex max-h-[65vh] flex-col gap-0.5 overflow-auto"
              >
                {rows.map((row, index) => (
                  <li key={row.number}>
                    <VersionButton
                      row={row}
                      isSelected={row.number === selected?.number}
                      // An older one may say the same.
                      isInForce={index === 0 && row.hash === current.data?.hash}
                      onSelect={() => change({ version: String(row.number) }, { isStep: true })}
                    />
                  </li>
                ))}
              </ul>
              {hasMore && (
                <Button
                  size="sm"
                  loading={versions.isFetching}
                  onClick={() => setLimit(limit + PAGE)}
                >
                  Older versions
                </Button>
              )}
            </div>
            {selected !== undefined && (
              <Version key={selected.number} number={selected.number} hash={current.data?.hash} />
            )}
          </div>
        )
      }}
    </Answer>
  )
}

interface VersionButtonProps {
  readonly row: Row
  readonly isSelected: boolean
  readonly isInForce: boolean
  readonly onSelect: () => void
}

function VersionButton({ row, isSelected, isInForce, onSelect }: VersionButtonProps) {
  return (
    <button
      type="button"
      aria-current={isSelected}
      onClick={onSelect}
      className="w-full rounded-md px-3 py-1.5 text-left hover:bg-kumo-tint aria-[current=true]:bg-kumo-tint"
    >
      <span className="flex items-center justify-between gap-2">
        <span className="font-medium">Version {row.number}</span>
        {isInForce && <Badge variant="success">In force</Badge>}
      </span>
      <span className="as-written block text-sm text-kumo-strong">
        {row.by}, <Time at={row.at} />
      </span>
    </button>
  )
}

interface VersionProps {
  readonly number: number
  /** Of what is in force. */
  readonly hash: string | undefined
}

function Version({ number, hash }: VersionProps) {
  const version = useOperation('config.versions.get', { number })
  const mayRestore = useMay('config.versions.restore')
  const [isReviewing, setReviewing] = useState(false)
  return (
    <Answer query={version} what={`Loading version ${number}`}>
      {({ by, at, diff, fault, config, hash: own }) => (
        <Card className="flex min-w-0 flex-col gap-4">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <div>
              <h2 className="text-lg font-semibold">Version {number}</h2>
              <p className="as-written text-sm text-kumo-subtle">
                Written by {by}, <Time at={at} style="exact" />
              </p>
            </div>
            {mayRestore && own !== hash && (
              <Button
                variant="primary"
                disabled={fault !== null}
                onClick={() => setReviewing(true)}
              >
                Restore version {number}
              </Button>
            )}
          </div>
          {fault !== null && (
            <p role="alert" className="as-written rounded-lg bg-kumo-warning-tint px-4 py-2">
              It can no longer be restored: {fault}
            </p>
          )}
          {own === hash ? (
            <p className="text-kumo-subtle">This is what is in force.</p>
          ) : (
            <>
              <h3 className="font-medium">What going back would change</h3>
              <DiffView diff={diff} />
            </>
          )}
          <details>
            <summary className="cursor-pointer text-kumo-link">The whole document</summary>
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
              tabIndex={0}
              className="mt-2 max-h-96 overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs"
            >
              {JSON.stringify(config, null, 2)}
            </pre>
          </details>
          {isReviewing && (
            <ReviewDialog
              name="config.versions.restore"
              params={{ number, ...(hash === undefined ? {} : { baseHash: hash }) }}
              act={`Restore version ${number}`}
              onClose={() => setReviewing(false)}
              onDone={() => setReviewing(false)}
              onReload={() => {
                setReviewing(false)
                void version.refetch()
              }}
            />
          )}
        </Card>
      )}
    </Answer>
  )
}
