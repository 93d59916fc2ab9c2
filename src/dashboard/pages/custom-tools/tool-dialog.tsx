/** Adds a custom tool or changes one. */
import { useState } from 'react'
import { useChange } from '../../client/use-operation.ts'
import { AgentsField, agentsIn } from '../../ui/agents-field.tsx'
import { Choice } from '../../ui/choice.tsx'
import { TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { isPrivateIn, PrivateNetworkField } from '../../ui/private-network.tsx'
import { JsonAreaField } from './json-area-field.tsx'
import { CommandFields, RequestFields } from './kind-fields.tsx'
import {
  blankTool,
  createParams,
  fieldsOf,
  KINDS,
  type Kind,
  type Tool,
  type ToolFields,
  updateParams,
} from './tool.ts'

export interface ToolDialogProps {
  /** Null: a new one. */
  readonly tool: Tool | null
  readonly onClose: () => void
}

const KIND_OPTIONS = [
  ['http', KINDS.http],
  ['script', KINDS.script],
] as const

const said = (form: FormData, name: string): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

const fieldsIn = (form: FormData): ToolFields => ({
  description: said(form, 'description').trim(),
  agents: agentsIn(form),
  parameters: said(form, 'parameters'),
  timeoutSeconds: Number(textIn(form, 'timeout') ?? blankTool.timeoutSeconds),
  group: said(form, 'group'),
  origin: said(form, 'origin').trim(),
  method: said(form, 'method'),
  path: said(form, 'path').trim(),
  query: said(form, 'query'),
  body: said(form, 'body'),
  headers: said(form, 'headers'),
  command: said(form, 'command'),
  env: said(form, 'env'),
  forgetsSecrets: form.has('forget'),
  allowsPrivateNetwork: isPrivateIn(form),
})

export function ToolDialog({ tool, onClose }: ToolDialogProps) {
  const create = useChange('tools.custom.create')
  const update = useChange('tools.custom.update')
  const notify = useNotify()
  const [kind, setKind] = useState<Kind>(tool?.kind ?? 'http')
  const before = tool === null ? blankTool : fieldsOf(tool)
  const submit = async (form: FormData) => {
    const fields = fieldsIn(form)
    if (tool === null) {
      const made = await create.mutateAsync(createParams(textIn(form, 'name') ?? '', kind, fields))
      notify.done(`${made.name} was added.`)
      return
    }
    const changes = updateParams(tool, fields)
    if (changes !== null) await update.mutateAsync(changes)
  }
  return (
    <FormDialog
      title={tool === null ? 'Add tool' : `Edit “${tool.name}”`}
      act={tool === null ? 'Add tool' : 'Save changes'}
      isOpen
      onClose={onClose}
      onSubmit={submit}
    >
      {tool === null && (
        <>
          <TextField
            name="name"
            label="Name"
            isRequired
            placeholder="ticket"
            description="Small letters, digits and _. It is called custom_name, and that cannot be changed."
          />
          <Choice label="Kind" value={kind} options={KIND_OPTIONS} onChange={setKind} />
        </>
      )}
      <TextField
        name="description"
        label="What it does"
        isRequired
        defaultValue={before.description}
        description="Models choose by this text."
      />
      <JsonAreaField
        name="parameters"
        label="Arguments (JSON Schema)"
        rows={9}
        defaultValue={before.parameters}
        description="What a model fills in."
      />
      {kind === 'http' ? (
        <RequestFields before={before} tool={tool} />
      ) : (
        <CommandFields before={before} tool={tool} />
      )}
      <AgentsField label="Agents that may use it" chosen={before.agents} />
      <TextField
        name="timeout"
        label="Seconds a call may take"
        type="number"
        isRequired
        defaultValue={String(before.timeoutSeconds)}
        description="At most 60."
      />
      {kind === 'http' && <PrivateNetworkField isChecked={before.allowsPrivateNetwork} />}
    </FormDialog>
  )
}
