/** Adds a server or changes one. */
import { useChange } from '../../client/use-operation.ts'
import { AddressField } from '../../ui/address-field.tsx'
import { AgentsField, agentsIn } from '../../ui/agents-field.tsx'
import { AreaField, CheckField, SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { isPrivateIn, PrivateNetworkField } from '../../ui/private-network.tsx'
import {
  blankServer,
  createParams,
  fieldsOf,
  MAX_SECONDS,
  type Server,
  type ServerFields,
  TRANSPORTS,
  updateParams,
} from './server.ts'

export interface ServerDialogProps {
  /** Null: a new one. */
  readonly server: Server | null
  readonly onClose: () => void
}

const STALE = ['tools']

const fieldsIn = (form: FormData): ServerFields => ({
  displayName: textIn(form, 'display_name') ?? '',
  url: textIn(form, 'url') ?? '',
  transport:
    TRANSPORTS.find(([value]) => value === form.get('transport'))?.[0] ?? blankServer.transport,
  agents: agentsIn(form),
  timeoutSeconds: Number(textIn(form, 'timeout') ?? MAX_SECONDS),
  allowsPrivateNetwork: isPrivateIn(form),
  key: textIn(form, 'key') ?? '',
  headers: textIn(form, 'headers') ?? '',
  clientId: textIn(form, 'client_id') ?? '',
  clientSecret: textIn(form, 'client_secret') ?? '',
  forgetsKeys: form.has('forget'),
})

export function ServerDialog({ server, onClose }: ServerDialogProps) {
  const create = useChange('mcp.servers.create', { alsoStale: STALE })
  const update = useChange('mcp.servers.update', { alsoStale: STALE })
  const notify = useNotify()
  const before = server === null ? blankServer : fieldsOf(server)
  const submit = async (form: FormData) => {
    const fields = fieldsIn(form)
    if (server === null) {
      const { name } = await create.mutateAsync(createParams(textIn(form, 'name') ?? '', fields))
      notify.done(`${name} was added. Look at its tools next.`)
      return
    }
    const changes = updateParams(server, fields)
    if (changes !== null) await update.mutateAsync(changes)
  }
  return (
    <FormDialog
      title={server === null ? 'Add server' : `Edit “${server.name}”`}
      act={server === null ? 'Add server' : 'Save changes'}
      isOpen
      onClose={onClose}
      onSubmit={submit}
    >
      {server === null && (
        <TextField
          name="name"
          label="Name"
          isRequired
          placeholder="tickets"
          description="Small letters and digits. Its tools are called mcp_name__tool; it cannot be changed."
        />
      )}
      <TextField name="display_name" label="Shown as" defaultValue={before.displayName} />
      <AddressField
        placeholder="https://mcp.example/mcp"
        stored={server?.url ?? null}
        consequence="Another host erases the stored keys, the sign-in and what was agreed to."
      />
      <SelectField
        name="transport"
        label="Transport"
        options={TRANSPORTS}
        defaultValue={before.transport}
      />
      <AgentsField label="Agents that may use it" chosen={before.agents} />
      <TextField
        name="timeout"
        label="Seconds a call may take"
        type="number"
        isRequired
        defaultValue={String(before.timeoutSeconds)}
        description={`At most ${MAX_SECONDS}.`}
      />
      <Credentials server={server} />
      <PrivateNetworkField isChecked={before.allowsPrivateNetwork} />
    </FormDialog>
  )
}

function Credentials({ server }: { readonly server: Server | null }) {
  const isStored = server !== null && (server.headers !== '' || server.authorization !== '')
  return (
    <details open={server === null}>
      <summary className="cursor-pointer font-medium text-kumo-link">Keys</summary>
      <div className="mt-3 flex flex-col gap-4">
        <TextField
          name="key"
          label="Key"
          type="password"
          description={
            isStored
              ? 'Empty: what is stored stays. It is never shown again.'
              : 'Sent as a bearer token. Kept encrypted, and never shown again.'
          }
        />
        <AreaField
          name="headers"
          label="Headers (optional)"
          rows={2}
          description="One a line, name: value, for servers that want the key elsewhere. What is written here takes the place of all that is stored."
        />
        <TextField
          name="client_id"
          label="OAuth client"
          description="Only for a client that you registered by hand."
        />
        <TextField name="client_secret" label="Secret of the client" type="password" />
        {isStored && <CheckField name="forget" label="Delete the stored keys and the sign-in" />}
      </div>
    </details>
  )
}
