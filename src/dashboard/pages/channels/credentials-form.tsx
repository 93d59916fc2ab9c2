/** Names the channel, picks its agent, takes its credentials: they go to the gateway and never come back. */
import { Button } from '@cloudflare/kumo/components/button'
import type { FormEvent } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { NotDone } from '../../ui/states.tsx'
import { type CredentialField, newSecret, type Platform } from './platforms.ts'
import { Steps } from './steps.tsx'

export interface CredentialsFormProps {
  readonly platform: Platform
  readonly onBack: () => void
  readonly onMade: (made: ResultOf<'channels.instances.create'>) => void
}

export const credentialsIn = (
  form: FormData,
  fields: readonly CredentialField[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap(({ name }) => {
      const value = textIn(form, `credential.${name}`)
      return value === null ? [] : [[name, value] as const]
    }),
  )

export function CredentialFields({ fields }: { readonly fields: readonly CredentialField[] }) {
  return (
    <>
      {fields.map(({ name, label, description, isOptional, isOwnChoice, choices }) =>
        choices === undefined ? (
          <TextField
            key={name}
            name={`credential.${name}`}
            label={isOptional ? `${label} (optional)` : label}
            description={description}
            // What one chooses oneself is entered elsewhere as well, and must be readable.
            type={isOwnChoice || /(?:_id|public_key)$/.test(name) ? 'text' : 'password'}
            isRequired={!isOptional}
            {...(isOwnChoice ? { defaultValue: newSecret() } : {})}
          />
        ) : (
          <SelectField
            key={name}
            name={`credential.${name}`}
            label={label}
            description={description}
            options={choices.map((choice) => [choice, choice] as const)}
          />
        ),
      )}
    </>
  )
}

export function CredentialsForm({ platform, onBack, onMade }: CredentialsFormProps) {
  const agents = useOperation('agents.list', {})
  const create = useChange('channels.instances.create', {
    alsoStale: ['overview'],
    onDone: onMade,
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    create.mutate({
      name: textIn(form, 'name') ?? '',
      display_name: textIn(form, 'display_name') ?? '',
      channel_type: platform.type,
      agent_id: textIn(form, 'agent') ?? '',
      credentials: credentialsIn(form, platform.fields),
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Steps steps={platform.before} />
      <TextField
        name="name"
        label="Name"
        isRequired
        defaultValue={platform.type}
        description="Lower-case letters and digits; it appears in session keys and commands."
      />
      <TextField name="display_name" label="Shown as" />
      <SelectField
        name="agent"
        label="Agent that answers"
        options={(agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const)}
      />
      <CredentialFields fields={platform.fields} />
      <NotDone error={create.error} />
      <div className="flex justify-end gap-2">
        <Button type="button" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" variant="primary" loading={create.isPending}>
          Connect
        </Button>
      </div>
    </form>
  )
}
