/** A new agent: what it may do is chosen first, by a profile; all of it can be changed afterwards. */

import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Input } from '@cloudflare/kumo/components/input'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useChange } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { NotDone } from '../../ui/states.tsx'
import { type ChosenModel, ModelFields, useModels } from './model-fields.tsx'
import { keyOf, PROFILES } from './profiles.ts'

export interface CreateAgentProps {
  readonly profile: string
  readonly onClose: () => void
}

export function CreateAgent({ profile: first, onClose }: CreateAgentProps) {
  const [profile, setProfile] = useState(
    () => PROFILES.find(({ id }) => id === first) ?? PROFILES[0],
  )
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ChosenModel | null>(null)
  const { providers, modelsOf } = useModels()
  const provider = providers[0] ?? ''
  const model = chosen ?? { provider, model: modelsOf(provider)[0] ?? '' }
  const navigate = useNavigate()
  const notify = useNotify()
  const create = useChange('agents.create', {
    alsoStale: ['models'],
    onDone: ({ agent_key, display_name }) => {
      notify.done(`${display_name} was created.`)
      void navigate({ to: '/agents/$agent', params: { agent: agent_key } })
    },
  })
  const key = keyOf(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (profile === undefined) return
    create.mutate({ name: name.trim(), agent_key: key, ...model, settings: profile.settings })
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog size="lg" className="max-h-[90vh] overflow-auto p-6">
        <Dialog.Title className="text-lg font-semibold">Create agent</Dialog.Title>
        <form onSubmit={submit} className="mt-4 flex flex-col gap-5">
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-2 font-medium">What may it do?</legend>
            {PROFILES.map((each) => (
              <label
                key={each.id}
                className="flex cursor-pointer gap-3 rounded-lg p-3 ring ring-kumo-line has-checked:ring-2 has-checked:ring-kumo-brand"
              >
                <input
                  type="radio"
                  name="profile"
                  className="mt-0.5 size-4 shrink-0"
                  checked={each.id === profile?.id}
                  onChange={() => setProfile(each)}
                />
                <span>
                  <span className="font-medium">{each.title}</span>
                  <span className="block text-sm text-kumo-subtle">{each.lets}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <Input
            label="Name"
            value={name}
            required
            autoComplete="off"
            onChange={({ target }) => setName(target.value)}
            description={
              key === '' ? 'As people see it.' : `As people see it. Its key will be ${key}.`
            }
          />
          <ModelFields {...model} onChange={setChosen} />
          <NotDone error={create.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              variant="primary"
              loading={create.isPending}
              disabled={key === '' || model.model.trim() === ''}
            >
              Create agent
            </Button>
          </div>
        </form>
      </Dialog>
    </Dialog.Root>
  )
}
