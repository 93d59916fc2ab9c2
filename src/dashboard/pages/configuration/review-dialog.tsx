/** Before anything is written: what the gateway says the change comes to, and the way to make it. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import type { ParamsOf } from '../../client/gateway.ts'
import { codeOf, inPlainWords } from '../../client/refusal.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { DiffView } from './diff-view.tsx'

type ChangeName = 'config.patch' | 'config.apply' | 'config.versions.restore'

export interface ReviewDialogProps<Name extends ChangeName> {
  readonly name: Name
  readonly params: ParamsOf<Name>
  /** `Apply`, `Restore`: the word on the button. */
  readonly act: string
  readonly onDone: () => void
  readonly onClose: () => void
  /** Takes up what is in force now; what was edited stays. */
  readonly onReload: () => void
}

export function ReviewDialog<Name extends ChangeName>(props: ReviewDialogProps<Name>) {
  const { name, params, act, onDone, onClose, onReload } = props
  const judged = useOperation(name, { ...params, dryRun: true })
  const notify = useNotify()
  const change = useChange(name, {
    alsoStale: ['agents', 'tools', 'shell', 'quota'],
    onDone: () => {
      notify.done('The configuration was changed.')
      onDone()
    },
  })
  const error = change.error ?? judged.error
  const isConflict = codeOf(error) === 'FAILED_PRECONDITION'
  const diff = judged.data?.diff ?? []
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog size="xl" className="flex max-h-[90vh] flex-col gap-4 p-6">
        <Dialog.Title className="text-lg font-semibold">Review the changes</Dialog.Title>
        <div className="min-h-0 flex-1 overflow-auto p-px">
          {error === null && judged.data === undefined && <Loading what="Judging the change" />}
          {isConflict ? (
            <Conflict message={inPlainWords(error)} />
          ) : (
            error !== null && <Failure error={error} title="The gateway refuses this change" />
          )}
          {error === null && judged.data !== undefined && <DiffView diff={diff} />}
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          {isConflict ? (
            <Button variant="primary" onClick={onReload}>
              Reload and keep my edits
            </Button>
          ) : (
            <Button
              variant="primary"
              loading={change.isPending}
              disabled={error !== null || diff.length === 0}
              onClick={() => change.mutate(params)}
            >
              {act}
            </Button>
          )}
        </div>
      </Dialog>
    </Dialog.Root>
  )
}

function Conflict({ message }: { readonly message: string }) {
  return (
    <div role="alert" className="flex flex-col gap-1 rounded-lg bg-kumo-warning-tint p-4">
      <p className="font-semibold">Somebody was faster</p>
      <p className="as-written">{message}</p>
      <p>
        Nothing was written. Reload to see what is in force now; your edits stay, and you review
        them against it once more.
      </p>
    </div>
  )
}
