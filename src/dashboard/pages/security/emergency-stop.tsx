/** The emergency stop: what stands still, until somebody releases it. */
import { Button } from '@cloudflare/kumo/components/button'
import type { ResultOf } from '../../client/gateway.ts'
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { stopTitle } from '../../shell/estop-words.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { StopForm } from './stop-form.tsx'

type Stop = ResultOf<'estop.list'>['stops'][number]

export function EmergencyStop() {
  const stops = useOperation('estop.list', {})
  const maySet = useMay('estop.set')
  return (
    <>
      <Section title="In force">
        <Answer
          query={stops}
          what="Reading stops"
          empty={({ stops: all }) =>
            all.length > 0 ? null : (
              <Nothing title="No stop is in force" description="Runs and tools work as set up." />
            )
          }
        >
          {({ stops: all }) => (
            <ul className="flex flex-col gap-2">
              {all.map((stop) => (
                <li key={stop.id}>
                  <StopCard stop={stop} />
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </Section>
      {maySet && (
        <Section title="Stop now">
          <StopForm />
        </Section>
      )}
    </>
  )
}

function StopCard({ stop }: { readonly stop: Stop }) {
  const ask = useConfirm()
  const notify = useNotify()
  const { is_master_scope } = useHello()
  const mayRelease = useMay('estop.release') && (!stop.is_platform || is_master_scope)
  const release = useChange('estop.release', {
    onDone: () => notify.done('The stop is released'),
  })
  const title = stopTitle(stop)
  const onRelease = async () => {
    const isSure = await ask({
      title: `Release “${title}”?`,
      consequence: `It was set because: ${stop.reason}. What it stopped may run again at once.`,
      act: 'Release',
    })
    if (!isSure) return
    release.mutate(
      { id: stop.id },
      { onError: (error) => notify.failed('The stop is not released', error) },
    )
  }
  return (
    <Card className="flex flex-wrap items-center justify-between gap-3">
      <div className="min-w-0 flex-1">
        <p className="as-written font-medium">{title}</p>
        <p className="as-written">Reason: {stop.reason}</p>
        <p className="text-xs text-kumo-subtle">
          Set by{' '}
          {stop.is_platform ? (
            'the operator of the gateway'
          ) : (
            <span className="as-written">{stop.created_by}</span>
          )}
          , <Time at={stop.created_at} />
        </p>
      </div>
      {mayRelease ? (
        <Button
          aria-label={`Release: ${title}`}
          loading={release.isPending}
          onClick={() => void onRelease()}
        >
          Release
        </Button>
      ) : (
        <span className="text-sm text-kumo-subtle">
          {stop.is_platform ? 'The operator releases it' : 'An owner releases it'}
        </span>
      )}
    </Card>
  )
}
