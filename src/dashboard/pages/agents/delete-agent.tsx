/** The end of an agent: its name is written before it goes. */

import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Input } from '@cloudflare/kumo/components/input'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useChange } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import type { Agent } from './draft.ts'

export function DeleteAgent({ agent }: { readonly agent: Agent }) {
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const navigate = useNavigate()
  const notify = useNotify()
  const remove = useChange('agents.delete', {
    alsoStale: ['models'],
    onDone: () => {
      notify.done(`${agent.display_name} was deleted.`)
      void navigate({ to: '/agents', ignoreBlocker: true })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    remove.mutate({ agentId: agent.id })
  }
  return (
    <Section title="Delete">
      <Card className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-kumo-subtle">
          The agent goes with its prompt files and what it remembers. This cannot be undone.
        </p>
        <Button variant="destructive" onClick={() => setOpen(true)}>
          Delete agent
        </Button>
      </Card>
      <Dialog.Root role="alertdialog" open={isOpen} onOpenChange={setOpen}>
        <Dialog className="flex flex-col gap-4 p-6">
          <Dialog.Title className="as-written text-lg font-semibold">
            Delete “{agent.display_name}”?
          </Dialog.Title>
          <Dialog.Description className="text-kumo-subtle">
            Its prompt files and what it remembers go with it. This cannot be undone.
          </Dialog.Description>
          <form onSubmit={submit} className="flex flex-col gap-4">
            <Input
              label={`Write ${agent.agent_key} to confirm`}
              value={typed}
              autoComplete="off"
              onChange={({ target }) => setTyped(target.value)}
            />
            <NotDone error={remove.error} />
            <div className="flex justify-end gap-2">
              <Button onClick={() => setOpen(false)}>Cancel</Button>
              <Button
                type="submit"
                variant="destructive"
                loading={remove.isPending}
                disabled={typed.trim() !== agent.agent_key}
              >
                Delete for good
              </Button>
            </div>
          </form>
        </Dialog>
      </Dialog.Root>
    </Section>
  )
}
