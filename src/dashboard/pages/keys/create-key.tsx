/** The form of a new key. */
import { useChange } from '../../client/use-operation.ts'
import { CheckField, listIn, SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { MadeKey } from './api-key.ts'
import { isKeyScope, LIFETIMES, SCOPES } from './scopes.ts'

export interface CreateKeyProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onMade: (made: MadeKey) => void
}

export function CreateKey({ isOpen, onClose, onMade }: CreateKeyProps) {
  const create = useChange('api_keys.create')
  const submit = async (form: FormData) => {
    const [networks, agents] = [listIn(form, 'networks'), listIn(form, 'agents')]
    const lifetime = textIn(form, 'lifetime')
    const owner = textIn(form, 'owner')
    const scopes = form.getAll('scope').filter(isKeyScope)
    if (scopes.length === 0) throw new Error('Choose at least one scope.')
    onMade(
      await create.mutateAsync({
        name: textIn(form, 'name') ?? '',
        scopes,
        expires_in: lifetime === null ? null : Number(lifetime),
        ...(owner === null ? {} : { owner_id: owner }),
        ...(networks.length === 0 ? {} : { allowed_networks: networks }),
        ...(agents.length === 0 ? {} : { allowed_agents: agents }),
      }),
    )
  }
  return (
    <FormDialog
      title="Create a key"
      act="Create key"
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        name="name"
        label="Name"
        isRequired
        description="What uses it, so that it can be found again."
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">Scopes</legend>
        {SCOPES.map(([scope, title, description]) => (
          <CheckField
            key={scope}
            name="scope"
            value={scope}
            label={title}
            description={description}
            isChecked={scope === 'operator.read' || scope === 'operator.write'}
          />
        ))}
      </fieldset>
      <SelectField name="lifetime" label="Ends after" options={LIFETIMES} />
      <TextField
        name="owner"
        label="Owner"
        description="Whose conversations it acts in. Empty: yours."
      />
      <TextField
        name="agents"
        label="Agents"
        description="Keys of the agents that it reaches. Empty: all."
      />
      <TextField
        name="networks"
        label="Networks"
        placeholder="203.0.113.0/24"
        description="Addresses it may call from. Empty: any."
      />
    </FormDialog>
  )
}
