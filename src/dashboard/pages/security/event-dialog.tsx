/** All that is known of one event: metadata alone, never what was said. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Link } from '@tanstack/react-router'
import { kindWords } from '../../ui/event-words.ts'
import { Time } from '../../ui/time.tsx'
import { eventFacts, type Open, textOf } from './event-fields.ts'

export interface EventDialogProps {
  readonly event: Open
  readonly onClose: () => void
}

export function EventDialog({ event, onClose }: EventDialogProps) {
  const sessionKey = textOf(event, 'sessionKey')
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog className="flex max-h-[90vh] flex-col gap-4 overflow-auto p-6">
        <Dialog.Title className="text-lg font-semibold">
          {kindWords(textOf(event, 'name'))}
        </Dialog.Title>
        <Dialog.Description className="text-kumo-subtle">
          <Time at={textOf(event, 'created_at')} style="exact" />
        </Dialog.Description>
        <dl className="m-0 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[minmax(0,10rem)_minmax(0,1fr)]">
          {eventFacts(event).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-kumo-subtle">{name}</dt>
              <dd className="as-written m-0 font-mono text-xs">{value}</dd>
            </div>
          ))}
        </dl>
        <div className="flex items-center justify-end gap-4">
          {sessionKey !== '' && (
            <>
              <Link
                to="/traces"
                search={{ session: sessionKey }}
                className="text-kumo-link underline"
              >
                Runs of the session
              </Link>
              <Link
                to="/chat/$sessionKey"
                params={{ sessionKey }}
                className="text-kumo-link underline"
              >
                Open the session
              </Link>
            </>
          )}
          <Button onClick={onClose}>Close</Button>
        </div>
      </Dialog>
    </Dialog.Root>
  )
}
