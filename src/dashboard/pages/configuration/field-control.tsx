/** One setting of the form: its control, what it does, its default, and the way back to it. */

import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { Switch } from '@cloudflare/kumo/components/switch'
import { isSameJson, type JsonObject } from '../../client/json.ts'
import { Choice } from '../../ui/choice.tsx'
import { NameList } from '../../ui/name-list.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { type ConfigEdit, type ConfigEdits, pathText, valueAt } from './config-edits.ts'
import { Help } from './help.tsx'
import { JsonField } from './json-field.tsx'
import type { Field } from './schema-fields.ts'

export interface FieldControlProps {
  readonly field: Field
  readonly config: JsonObject
  readonly edits: ConfigEdits
  readonly onEdit: (edit: ConfigEdit) => void
}

export function FieldControl({ field, config, edits, onEdit }: FieldControlProps) {
  if (field.kind === 'group')
    return (
      <fieldset className="py-4">
        <legend className="float-left mb-1 font-semibold">{field.title}</legend>
        {field.help !== null && <p className="clear-both text-sm text-kumo-subtle">{field.help}</p>}
        <div className="clear-both mt-1 flex flex-col divide-y divide-kumo-hairline border-l-2 border-kumo-line pl-4">
          {field.fields.map((inner) => (
            <FieldControl
              key={pathText(inner.path)}
              field={inner}
              config={config}
              edits={edits}
              onEdit={onEdit}
            />
          ))}
        </div>
      </fieldset>
    )
  return <Setting field={field} config={config} edits={edits} onEdit={onEdit} />
}

const inWords = (value: unknown): string => {
  if (value === true) return 'on'
  if (value === false) return 'off'
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ')
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : JSON.stringify(value)
}

const isNothing = (value: unknown): boolean =>
  value === undefined || isSameJson(value, {}) || isSameJson(value, [])

type Leaf = Exclude<Field, { readonly kind: 'group' }>

function Setting({ field, config, edits, onEdit }: FieldControlProps & { readonly field: Leaf }) {
  const { path, fallback } = field
  const text = pathText(path)
  const saved = valueAt(config, path)
  const edit = edits[text]
  const value = edit === undefined ? saved : (edit.value ?? fallback)
  const isEdited = edit !== undefined && !isSameJson(saved, edit.value)
  const isOwn = !(isNothing(value) && isNothing(fallback)) && !isSameJson(value, fallback)
  return (
    <div className="grid gap-x-6 gap-y-2 py-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {field.title}
          {isEdited && <Badge variant="warning">Edited</Badge>}
        </p>
        <p className="as-written font-mono text-xs text-kumo-subtle">{text}</p>
        {field.help !== null && <Help text={field.help} />}
      </div>
      <div className="flex min-w-0 flex-col justify-center gap-1">
        <Control field={field} value={value} onChange={(fresh) => onEdit({ path, value: fresh })} />
        <p className="flex flex-wrap items-center justify-between gap-2 text-xs text-kumo-subtle">
          <span className="as-written">
            {isNothing(fallback) ? 'Default: nothing said' : `Default: ${inWords(fallback)}`}
          </span>
          {isOwn && (
            <Button
              size="xs"
              aria-label={`${text}: back to the default`}
              onClick={() => onEdit({ path, value: undefined })}
            >
              Back to the default
            </Button>
          )}
        </p>
      </div>
    </div>
  )
}

interface ControlProps {
  readonly field: Leaf
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

/** Named by the path, which is what the documentation names it by. */
function Control({ field, value, onChange }: ControlProps) {
  const label = pathText(field.path)
  switch (field.kind) {
    case 'switch':
      return (
        <div className="flex items-center gap-2">
          <Switch aria-label={label} checked={value === true} onCheckedChange={onChange} />
          <span aria-hidden>{value === true ? 'On' : 'Off'}</span>
        </div>
      )
    case 'choice':
      return (
        <Choice
          label={label}
          isLabelHidden
          value={typeof value === 'string' ? value : ''}
          options={[
            ...(value === undefined ? [['', 'Nothing said'] as const] : []),
            ...field.options.map((option) => [option, option] as const),
          ]}
          onChange={onChange}
        />
      )
    case 'number':
      return (
        <NumberField
          label={label}
          isLabelHidden
          value={typeof value === 'number' ? value : undefined}
          isInteger={field.isInteger}
          onChange={onChange}
          {...(field.min === undefined ? {} : { min: field.min })}
          {...(field.max === undefined ? {} : { max: field.max })}
        />
      )
    case 'text':
      return (
        <Input
          aria-label={label}
          value={typeof value === 'string' ? value : ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        />
      )
    case 'list':
      return (
        <NameList
          label={label}
          isLabelHidden
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      )
    case 'json':
      return <JsonField label={label} value={value} onChange={onChange} />
  }
}
