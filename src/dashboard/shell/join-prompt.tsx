/** Somebody came with an invitation and is signed in: they say whether this is who joins. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { useState } from 'react'
import { gateway } from '../client/gateway.ts'
import { inPlainWords } from '../client/refusal.ts'
import { useHello } from '../client/use-gateway.ts'
import { invitation } from './invitation.ts'

export default function JoinPrompt() {
  const { user_id: userId } = useHello()
  const [token, setToken] = useState(invitation.get)
  const [failure, setFailure] = useState<string | null>(null)
  const close = () => {
    invitation.forget()
    setToken(null)
  }
  const join = async () => {
    if (token === null) return
    try {
      const { tenant_id } = await gateway.change('invitations.accept', { token })
      close()
      await gateway.switchTenant(tenant_id)
    } catch (error) {
      setFailure(inPlainWords(error))
    }
  }
  return (
    <Dialog.Root open={token !== null} onOpenChange={(open) => !open && close()}>
      <Dialog className="flex flex-col gap-4 p-6">
        <Dialog.Title className="text-lg font-semibold">You are invited</Dialog.Title>
        <Dialog.Description className="as-written">
          Join the organisation that sent you the link, as {userId}?
        </Dialog.Description>
        {failure !== null && (
          <p role="alert" className="as-written text-kumo-danger">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Not now</Button>
          <Button variant="primary" onClick={() => void join()}>
            Join
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  )
}
