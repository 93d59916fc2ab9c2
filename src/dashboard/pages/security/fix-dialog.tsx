/** Mends what can be mended without loss, all of it at once, and says before what that is. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import { useNotify } from '../../ui/notify.ts'
import { NotDone } from '../../ui/states.tsx'
import { daysInSeconds, KEYS_WITHOUT_END } from './finding-rules.ts'

export interface FixDialogProps {
  readonly findings: ResultOf<'security.audit'>['findings']
  readonly onClose: () => void
}

const ENDS = [
  ['', 'Leave them without an end'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
] as const

export function FixDialog({ findings, onClose }: FixDialogProps) {
  const notify = useNotify()
  const [days, setDays] = useState<(typeof ENDS)[number][0]>('')
  const hasKeys = findings.some(({ checkId }) => checkId === KEYS_WITHOUT_END)
  const fix = useChange('security.audit', {
    alsoStale: ['config', 'api_keys'],
    onDone: ({ fixed }) => {
      notify.done(fixed.length === 0 ? 'Nothing had to be changed' : `Fixed: ${fixed.join(', ')}`)
      onClose()
    },
  })
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog className="flex flex-col gap-4 p-6">
        <Dialog.Title className="text-lg font-semibold">Fix what can be fixed?</Dialog.Title>
        <Dialog.Description className="text-kumo-subtle">
          Nothing is rotated, revoked or deleted. These are fixed together:
        </Dialog.Description>
        <ul className="list-disc pl-5">
          {findings.map(({ checkId, title }) => (
            <li key={checkId} className="as-written">
              {title}
            </li>
          ))}
        </ul>
        {hasKeys && (
          <InlineChoice
            label="Keys without an end, end"
            value={days}
            options={ENDS}
            onChange={setDays}
          />
        )}
        <NotDone error={fix.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            loading={fix.isPending}
            onClick={() =>
              fix.mutate({
                fix: true,
                ...(days === '' ? {} : { expire_keys_in: daysInSeconds(Number(days)) }),
              })
            }
          >
            Fix
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  )
}
