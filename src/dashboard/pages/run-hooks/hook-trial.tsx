/** Asks the hook about nothing in particular, and shows what it says. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import { EVENTS, type Hook, type HookEvent } from './hook.ts'

export function HookTrial({ hook: { id, events } }: { readonly hook: Hook }) {
  const mayTest = useMay('hooks.test')
  const test = useChange('hooks.test')
  const [chosen, setChosen] = useState<HookEvent | null>(null)
  const event = chosen ?? events[0]
  if (!mayTest || event === undefined) return null
  return (
    <Section title="Trial">
      <Card className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end gap-3">
          <div className="min-w-0 flex-1 basis-60">
            <Choice
              label="Ask it as when"
              value={event}
              options={events.map((each) => [each, EVENTS[each].title] as const)}
              onChange={setChosen}
            />
          </div>
          <Button loading={test.isPending} onClick={() => test.mutate({ id, event })}>
            Ask
          </Button>
        </div>
        <NotDone error={test.error} />
        {test.data !== undefined && (
          <div role="status" aria-label="What it said">
            <dl className="m-0 grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_minmax(0,1fr)]">
              <dt className="text-kumo-subtle">Decision</dt>
              <dd className="m-0">
                {test.data.decision === 'allow' ? (
                  <Badge variant="success">lets pass</Badge>
                ) : (
                  <Badge variant="error">blocks</Badge>
                )}
              </dd>
              <dt className="text-kumo-subtle">Reason</dt>
              <dd className="as-written m-0">{test.data.reason || 'none given'}</dd>
              <dt className="text-kumo-subtle">Tells the model</dt>
              <dd className="as-written m-0">{test.data.context || 'nothing'}</dd>
            </dl>
          </div>
        )}
      </Card>
    </Section>
  )
}
