/** What a request needs, and what a command needs. Headers and variables go in and never come out again. */
import { AreaField, CheckField, SelectField, TextField } from '../../ui/fields.tsx'
import { JsonAreaField } from './json-area-field.tsx'
import { GROUPS, hasSecrets, METHODS, type Tool, type ToolFields } from './tool.ts'

interface KindFieldsProps {
  readonly before: ToolFields
  /** Null: a new one. */
  readonly tool: Tool | null
}

const kept = (tool: Tool | null, otherwise: string): string =>
  tool !== null && hasSecrets(tool)
    ? 'Empty: what is stored stays. It is never shown again.'
    : otherwise

export function RequestFields({ before, tool }: KindFieldsProps) {
  return (
    <>
      <TextField
        name="origin"
        label="Host"
        type="url"
        isRequired
        placeholder="https://tickets.example"
        defaultValue={before.origin}
        description="No argument can change it. Another one erases the stored headers."
      />
      <div className="grid gap-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
        <SelectField name="method" label="Method" options={METHODS} defaultValue={before.method} />
        <TextField
          name="path"
          label="Path"
          isRequired
          placeholder="/v1/tickets/{id}"
          defaultValue={before.path}
          description="{id} stands for the argument id."
        />
      </div>
      <JsonAreaField
        name="query"
        label="Query (optional)"
        rows={3}
        defaultValue={before.query}
        description={'JSON of names and texts, such as {"state": "{state}"}.'}
      />
      <JsonAreaField
        name="body"
        label="Body (optional)"
        rows={3}
        root="any"
        defaultValue={before.body}
        description="JSON, of a POST alone. Arguments may stand in its texts."
      />
      <AreaField
        name="headers"
        label="Headers (optional)"
        rows={2}
        description={kept(tool, 'One a line, name: value. Kept encrypted, and never shown again.')}
      />
      {tool !== null && hasSecrets(tool) && (
        <CheckField name="forget" label="Delete the stored headers" />
      )}
      <SelectField
        name="group"
        label="Group"
        options={GROUPS}
        defaultValue={before.group}
        description="Policies allow and deny by it."
      />
    </>
  )
}

export function CommandFields({ before, tool }: KindFieldsProps) {
  return (
    <>
      <AreaField
        name="command"
        label="Command"
        rows={4}
        defaultValue={before.command}
        description="Arguments are its variables: $ARG_id, and all of them in $ARGS_JSON. It runs without network. Another command erases the stored variables."
      />
      <AreaField
        name="env"
        label="Variables (optional)"
        rows={2}
        description={kept(tool, 'One a line, NAME=value. Kept encrypted, and never shown again.')}
      />
      {tool !== null && hasSecrets(tool) && (
        <CheckField name="forget" label="Delete the stored variables" />
      )}
    </>
  )
}
