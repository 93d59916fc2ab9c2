/** Adds a run hook or changes one. A secret that is made for it is handed on, to be shown once. */
import { useChange } from '../../client/use-operation.ts'
import { AddressField } from '../../ui/address-field.tsx'
import { AgentsField, agentsIn } from '../../ui/agents-field.tsx'
import { CheckField, SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { isPrivateIn, PrivateNetworkField } from '../../ui/private-network.tsx'
import {
  blankHook,
  createParams,
  EVENT_NAMES,
  EVENTS,
  FAILURES,
  fieldsOf,
  type Hook,
  type HookFields,
  shownSecret,
  updateParams,
} from './hook.ts'

export interface MadeSecret {
  readonly hook: string
  readonly secret: string
}

export interface HookDialogProps {
  /** Null: a new one. */
  readonly hook: Hook | null
  readonly onClose: () => void
  readonly onSecret: (made: MadeSecret) => void
}

function fieldsIn(form: FormData): HookFields {
  const chosen = form.getAll('event')
  const fields: HookFields = {
    url: textIn(form, 'url') ?? '',
    events: EVENT_NAMES.filter((event) => chosen.includes(event)),
    agents: agentsIn(form),
    failure: FAILURES.find(([value]) => value === form.get('failure'))?.[0] ?? 'default',
    allowsPrivateNetwork: isPrivateIn(form),
  }
  if (fields.events.length === 0) throw new Error('Choose at least one point at which it is asked.')
  if (fields.agents.length === 0) throw new Error('Choose at least one agent, or all.')
  return fields
}

export function HookDialog({ hook, onClose, onSecret }: HookDialogProps) {
  const create = useChange('hooks.create')
  const update = useChange('hooks.update')
  const before = hook === null ? blankHook : fieldsOf(hook)
  const tell = (changed: Hook) => {
    const secret = shownSecret(changed)
    if (secret !== null) onSecret({ hook: changed.name, secret })
  }
  const submit = async (form: FormData) => {
    const fields = fieldsIn(form)
    if (hook === null) {
      tell(await create.mutateAsync(createParams(textIn(form, 'name') ?? '', fields)))
      return
    }
    const changes = updateParams(hook, fields)
    if (changes !== null) tell(await update.mutateAsync(changes))
  }
  return (
    <FormDialog
      title={hook === null ? 'Add run hook' : `Edit “${hook.name}”`}
      act={hook === null ? 'Add run hook' : 'Save changes'}
      isOpen
      onClose={onClose}
      onSubmit={submit}
    >
      {hook === null && (
        <TextField
          name="name"
          label="Name"
          isRequired
          placeholder="guard"
          description="Small letters and digits. Hooks are asked in the order of their names; it cannot be changed."
        />
      )}
      <AddressField
        placeholder="https://guard.example/hook"
        stored={hook?.url ?? null}
        consequence="Another host gets a secret of its own: it is shown once when you save."
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">It is asked when</legend>
        {EVENT_NAMES.map((event) => (
          <CheckField
            key={event}
            name="event"
            value={event}
            label={EVENTS[event].title}
            description={EVENTS[event].says}
            isChecked={before.events.includes(event)}
          />
        ))}
      </fieldset>
      <AgentsField label="Of the runs of" chosen={before.agents} />
      <SelectField
        name="failure"
        label="Without an answer it"
        options={FAILURES}
        defaultValue={before.failure}
      />
      <PrivateNetworkField isChecked={before.allowsPrivateNetwork} />
    </FormDialog>
  )
}
