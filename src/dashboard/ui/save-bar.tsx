/** What is not saved yet, with the ways out of it; stays at the lower edge of the page. */
import { Button } from '@cloudflare/kumo/components/button'
import { inPlainWords } from '../client/refusal.ts'

export interface SaveBarProps {
  /** What was changed, in words: `Name`, `Tools`. */
  readonly changes: readonly string[]
  readonly isBusy: boolean
  readonly error: unknown
  readonly save: string
  readonly onSave: () => void
  readonly onDiscard: () => void
}

export function SaveBar({ changes, isBusy, error, save, onSave, onDiscard }: SaveBarProps) {
  if (changes.length === 0) return null
  return (
    <section
      aria-label="Unsaved changes"
      className="sticky bottom-0 z-20 -mx-4 flex flex-col gap-2 border-t border-kumo-line bg-kumo-base px-4 py-3 md:-mx-6 md:px-6"
    >
      {error !== null && error !== undefined && (
        <p role="alert" className="as-written text-kumo-danger">
          {inPlainWords(error)}
        </p>
      )}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 text-kumo-subtle">
          Not saved yet: <span className="text-kumo-default">{changes.join(', ')}</span>
        </p>
        <div className="flex gap-2">
          <Button disabled={isBusy} onClick={onDiscard}>
            Discard
          </Button>
          <Button variant="primary" loading={isBusy} onClick={onSave}>
            {save}
          </Button>
        </div>
      </div>
    </section>
  )
}
