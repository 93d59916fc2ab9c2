/**
 * Somebody comes back from an issuer: they say whether it is them. Whoever begins a sign-in in another's
 * browser would else be the one whom the other works as.
 */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { useState } from 'react'
import { endLogin } from '../client/end-login.ts'
import { gateway } from '../client/gateway.ts'
import { FAILED, type HandedOver } from './organisation.ts'

export interface ContinueAsProps {
  readonly handedOver: HandedOver
  readonly onEnd: (failure: string | null) => void
}

export function ContinueAs({ handedOver, onEnd }: ContinueAsProps) {
  const [isBusy, setBusy] = useState(false)
  const { token, userId, tenantId, tenantName } = handedOver
  const leave = () => {
    endLogin(token)
    onEnd(null)
  }
  const enter = () => {
    setBusy(true)
    gateway.signIn(token).catch(() => onEnd(FAILED))
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && !isBusy && leave()}>
      <Dialog className="flex flex-col gap-4 p-6">
        <Dialog.Title className="text-lg font-semibold">Is this you?</Dialog.Title>
        <Dialog.Description>
          Continue as <strong className="as-written">{userId}</strong> in{' '}
          <strong className="as-written">{tenantName}</strong>{' '}
          <span className="as-written">({tenantId})</span>? What you write and upload there is seen
          by its people. If you did not just sign in, this is not you.
        </Dialog.Description>
        <div className="flex justify-end gap-2">
          <Button onClick={leave} disabled={isBusy}>
            Not me
          </Button>
          <Button variant="primary" onClick={enter} loading={isBusy}>
            Continue
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  )
}
