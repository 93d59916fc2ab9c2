/** Says that a waiting call is shown in part, and how to see all of it. */
import { Button } from '@cloudflare/kumo/components/button'
import { Failure } from '../../ui/states.tsx'

export interface CutNoteProps {
  /** It is being read, or could not be. */
  readonly isAsked: boolean
  readonly error: Error | null
  readonly onAsk: () => void
}

export function CutNote({ isAsked, error, onAsk }: CutNoteProps) {
  if (isAsked && error !== null) return <Failure error={error} onRetry={onAsk} />
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 text-sm text-kumo-warning">
      <p>
        {isAsked
          ? 'Reading all of it: this is only the beginning.'
          : 'This is only the beginning. It can be allowed when all of it is shown.'}
      </p>
      {!isAsked && <Button onClick={onAsk}>Show all of it</Button>}
    </div>
  )
}
