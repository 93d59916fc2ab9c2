/** A message on its way, or one that was refused: with the reason, to be sent again or changed. */
import { Button } from '@cloudflare/kumo/components/button'
import type { Outgoing } from './conversation.ts'
import { UserMessage } from './part-view.tsx'

interface OutgoingMessageProps {
  readonly outgoing: Outgoing
  readonly onWithdraw: () => void
  readonly onRepeat: () => void
}

export function OutgoingMessage({ outgoing, onWithdraw, onRepeat }: OutgoingMessageProps) {
  const { text, state, because } = outgoing
  if (state !== 'failed')
    return (
      <UserMessage text={text}>
        <span role="status" className="self-end text-xs text-kumo-subtle">
          {state === 'sending' ? 'Sending…' : 'The agent reads it when its current step is done.'}
        </span>
      </UserMessage>
    )
  return (
    <UserMessage text={text}>
      <div role="alert" className="flex flex-col items-end gap-1 text-sm">
        <span className="as-written text-kumo-danger">Not sent: {because}</span>
        <span className="flex gap-2">
          <Button size="xs" onClick={onRepeat}>
            Send again
          </Button>
          <Button size="xs" variant="ghost" onClick={onWithdraw}>
            Edit
          </Button>
        </span>
      </div>
    </UserMessage>
  )
}
