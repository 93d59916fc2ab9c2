/** A form in a dialog: what the gateway refuses is said above its buttons, and nothing typed is lost. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { type FormEvent, type ReactNode, useState } from 'react'
import { NotDone } from './states.tsx'

export interface FormDialogProps {
  readonly title: string
  readonly description?: string
  /** The word on the button that sends it. */
  readonly act: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Rejects with what is to be shown; the dialog closes when it resolves. */
  readonly onSubmit: (form: FormData) => Promise<unknown>
  readonly children: ReactNode
}

export function FormDialog(props: FormDialogProps) {
  const { title, description, act, isOpen, onClose, onSubmit, children } = props
  const [failure, setFailure] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const close = () => {
    setFailure(null)
    onClose()
  }
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await onSubmit(new FormData(event.currentTarget))
      close()
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Dialog size="lg" className="max-h-[90vh] overflow-auto p-6">
        <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
        {description !== undefined && (
          <Dialog.Description className="mt-1 text-kumo-subtle">{description}</Dialog.Description>
        )}
        <form onSubmit={(event) => void submit(event)} className="mt-4 flex flex-col gap-4">
          {children}
          <NotDone error={failure} />
          <div className="flex justify-end gap-2">
            <Button type="button" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" variant="primary" loading={isBusy}>
              {act}
            </Button>
          </div>
        </form>
      </Dialog>
    </Dialog.Root>
  )
}
