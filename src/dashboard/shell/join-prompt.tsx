/** Somebody came with an invitation and is signed in: they say whether this is who joins. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { useState } from 'react'
import { useHello } from '../client/use-gateway.ts'
import { useChange } from '../client/use-operation.ts'
import { NotDone } from '../ui/states.tsx'
import { invitation } from './invitation.ts'
import { useOpenTenant } from './use-open-tenant.ts'

export default function JoinPrompt() {
  const { user_id: userId } = useHello()
  const [token, setToken] = useState(invitation.get)
  const close = () => {
    invitation.forget()
    setToken(null)
  }
  const open = useOpenTenant()
  const accept = useChange('invitations.accept', {
    alsoStale: ['tenants'],
    onDone: ({ tenant_id }) => {
      close()
      open(tenant_id)
    },
  })
  return (
    <Dialog.Root open={token !== null} onOpenChange={(open) => !open && close()}>
      <Dialog className="flex flex-col gap-4 p-6">
        <Dialog.Title className="text-lg font-semibold">You are invited</Dialog.Title>
        <Dialog.Description className="as-written">
          Join the organisation that sent you the link, as {userId}?
        </Dialog.Description>
        <NotDone error={accept.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Not now</Button>
          <Button
            variant="primary"
            loading={accept.isPending}
            onClick={() => token !== null && accept.mutate({ token })}
          >
            Join
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  )
}
