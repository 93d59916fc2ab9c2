/** Findings that somebody answers for, and the way to count them again. */
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

export interface SuppressedProps {
  /** Checks that found something and are not counted. */
  readonly active: readonly string[]
}

export function Suppressed({ active }: SuppressedProps) {
  const notify = useNotify()
  const suppressions = useOperation('security.audit.suppressions', {})
  const mayCount = useMay('security.audit.unsuppress')
  const count = useChange('security.audit.unsuppress', {
    onDone: ({ checkId }) => notify.done(`${checkId} is counted again`),
  })
  if (suppressions.data?.suppressions.length === 0) return null
  return (
    <Section title="Suppressed">
      <Answer query={suppressions} what="Reading suppressions">
        {({ suppressions: all }) => (
          <ul className="flex flex-col gap-2">
            {all.map((each) => (
              <li key={each.checkId}>
                <Card className="flex flex-wrap items-center justify-between gap-3">
                  <div className="min-w-0 flex-1">
                    <p className="flex flex-wrap gap-x-3">
                      <span className="font-mono text-xs">{each.checkId}</span>
                      {active.includes(each.checkId) && (
                        <span className="text-xs text-kumo-subtle">would be found now</span>
                      )}
                    </p>
                    <p className="as-written">{each.reason}</p>
                    <p className="text-xs text-kumo-subtle">
                      By <span className="as-written">{each.created_by}</span>,{' '}
                      <Time at={each.created_at} />
                      {each.expires_at === null ? (
                        ', until it is taken back'
                      ) : (
                        <>
                          , until <Time at={each.expires_at} style="exact" />
                        </>
                      )}
                    </p>
                  </div>
                  {mayCount && (
                    <Button
                      size="sm"
                      aria-label={`Count again: ${each.checkId}`}
                      disabled={count.isPending}
                      onClick={() =>
                        count.mutate(
                          { checkId: each.checkId },
                          { onError: (error) => notify.failed('It is not counted again', error) },
                        )
                      }
                    >
                      Count again
                    </Button>
                  )}
                </Card>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Section>
  )
}
