/** Names the channel, picks its agent, takes its credentials: they go to the gateway and never come back. */
import { Button } from '@cloudflare/kumo/components/button'
import { type FormEvent, useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { SelectField, TextField, type TextFieldProps, textIn } from '../../ui/fields.tsx'
import { NotDone } from '../../ui/states.tsx'
import { type CredentialField, newSecret, type Platform } from './platforms.ts'
import { Steps } from './steps.tsx'

export interface CredentialsFormProps {
  readonly platform: Platform
  readonly onBack: () => void
  /** `hook`: the first one of an instance of hooks. */
  readonly onMade: (made: ResultOf<'channels.instances.create'>, hook: string | null) => void
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
        isOwnChoice ? (
          <OwnSecretField
            key={name}
            name={`credential.${name}`}
            label={label}
            description={description}
          />
        ) : choices === undefined ? (
          <TextField
            key={name}
            name={`credential.${name}`}
            label={label}
            description={description}
            type={/(?:_id|public_key)$/.test(name) ? 'text' : 'password'}
            isRequired={!isOptional}
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

/** What one chooses oneself is entered elsewhere as well, and must be readable; it is made once. */
function OwnSecretField(props: Pick<TextFieldProps, 'name' | 'label' | 'description'>) {
  const [made] = useState(newSecret)
  return <TextField {...props} defaultValue={made} isRequired />
}

export function CredentialsForm({ platform, onBack, onMade }: CredentialsFormProps) {
  const agents = useOperation('agents.list', {})
  const create = useChange('channels.instances.create', { alsoStale: ['overview'] })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const hook = textIn(form, 'hook')
    const message = textIn(form, 'message')
    create.mutate(
      {
        name: textIn(form, 'name') ?? '',
        display_name: textIn(form, 'display_name') ?? '',
        channel_type: platform.type,
        agent_id: textIn(form, 'agent') ?? '',
        credentials: credentialsIn(form, platform.fields),
        ...(hook === null
          ? {}
          : { config: { hooks: { [hook]: message === null ? {} : { message } } } }),
      },
      { onSuccess: (made) => onMade(made, hook) },
    )
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
      {platform.type === 'webhook' && <FirstHook />}
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

function FirstHook() {
  return (
    <>
      <TextField
        name="hook"
        label="First hook"
        isRequired
        placeholder="build-done"
        description="Its name stands at the end of the address."
      />
      <TextField
        name="message"
        label="What the agent is told"
        placeholder="A build has ended. Say in two lines what failed, if anything."
        description="Beside what the program sends. Empty: that the hook was called."
      />
    </>
  )
}
