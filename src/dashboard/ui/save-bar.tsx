/** What is not saved yet, with the ways out of it; stays at the lower edge of the page. */
import { Button } from '@cloudflare/kumo/components/button'
import { NotDone } from './states.tsx'

export interface SaveBarProps {
  /** What was changed, in words: `Name`, `Tools`. */
  readonly changes: readonly string[]
  readonly isBusy: boolean
  /** It cannot be saved as it is; why is said where it was written. */
  readonly isBlocked?: boolean
  readonly error: unknown
  readonly save: string
  readonly onSave: () => void
  readonly onDiscard: () => void
}

export function SaveBar(props: SaveBarProps) {
  const { changes, isBusy, isBlocked = false, error, save, onSave, onDiscard } = props
  if (changes.length === 0) return null
  return (
    <section
      aria-label="Unsaved changes"
      className="sticky bottom-0 z-20 -mx-4 flex flex-col gap-2 border-t border-kumo-line bg-kumo-base px-4 py-3 md:-mx-6 md:px-6"
    >
      <NotDone error={error} />
      {/* The acts come first: what is just done is told at the right edge, over whatever is there. */}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex gap-2">
          <Button variant="primary" loading={isBusy} disabled={isBlocked} onClick={onSave}>
            {save}
          </Button>
          <Button disabled={isBusy} onClick={onDiscard}>
            Discard
          </Button>
        </div>
        <p className="as-written min-w-0 flex-1 basis-40 text-kumo-subtle">
          Not saved yet: <span className="text-kumo-default">{changes.join(', ')}</span>
        </p>
      </div>
    </section>
  )
}
