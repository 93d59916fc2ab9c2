/** Takes a finding out of the count. Somebody answers for it: with a reason, and for how long. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { type FormEvent, useId, useState } from 'react'
import { useChange } from '../../client/use-operation.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import { CONTROL, helpOf, Labelled } from '../../ui/labelled.tsx'
import { useNotify } from '../../ui/notify.ts'
import { NotDone } from '../../ui/states.tsx'
import { daysInSeconds, MIN_REASON_CHARS } from './finding-rules.ts'

export interface SuppressDialogProps {
  readonly checkId: string
  readonly title: string
  readonly onClose: () => void
}

const LENGTHS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['', 'Until it is taken back'],
] as const

const REASON_NOTE = `At least ${MIN_REASON_CHARS} characters, so that others can follow it.`

export function SuppressDialog({ checkId, title, onClose }: SuppressDialogProps) {
  const id = useId()
  const notify = useNotify()
  const [reason, setReason] = useState('')
  const [days, setDays] = useState<(typeof LENGTHS)[number][0]>('30')
  const suppress = useChange('security.audit.suppress', {
    onDone: () => {
      notify.done('The finding is suppressed')
      onClose()
    },
  })
  const isShort = reason.trim().length < MIN_REASON_CHARS
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isShort) return
    suppress.mutate({
      checkId,
      reason: reason.trim(),
      ...(days === '' ? {} : { expires_in: daysInSeconds(Number(days)) }),
    })
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog className="p-6">
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Dialog.Title className="as-written text-lg font-semibold">
            Suppress “{title}”?
          </Dialog.Title>
          <Dialog.Description className="text-kumo-subtle">
            It is no longer counted. Your name and the reason stand in its place, and in the audit
            trail.
          </Dialog.Description>
          <Labelled label="Reason" htmlFor={id} description={REASON_NOTE}>
            <textarea
              {...helpOf(id, REASON_NOTE)}
              id={id}
              rows={3}
              maxLength={500}
              className={`${CONTROL} py-2`}
              value={reason}
              onChange={({ target }) => setReason(target.value)}
            />
          </Labelled>
          <InlineChoice label="For" value={days} options={LENGTHS} onChange={setDays} />
          <NotDone error={suppress.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={isShort} loading={suppress.isPending}>
              Suppress
            </Button>
          </div>
        </form>
      </Dialog>
    </Dialog.Root>
  )
}
