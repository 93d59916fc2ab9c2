/** Deletes what the page shows, once the question that names it was answered with yes. */
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import { useConfirm } from './confirm.tsx'
import { useNotify } from './notify.ts'

export interface DeleteButtonProps {
  /** What it is: `the schedule “digest”`. */
  readonly what: string
  /** What goes with it. */
  readonly consequence: string
  /** Rejects with why it was not done. */
  readonly onDelete: () => Promise<unknown>
}

export function DeleteButton({ what, consequence, onDelete }: DeleteButtonProps) {
  const [isBusy, setBusy] = useState(false)
  const confirm = useConfirm()
  const notify = useNotify()
  const ask = async () => {
    const question = {
      title: `Delete ${what}?`,
      consequence: `${consequence} This cannot be undone.`,
      act: 'Delete',
    }
    if (!(await confirm(question))) return
    setBusy(true)
    try {
      await onDelete()
    } catch (error) {
      notify.failed('Not deleted', error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button variant="secondary-destructive" loading={isBusy} onClick={() => void ask()}>
      Delete
    </Button>
  )
}
