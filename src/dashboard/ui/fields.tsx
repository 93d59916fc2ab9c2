/** Labelled controls of a form. They keep their own values: a form is read as a whole when it is sent. */
import { Input } from '@cloudflare/kumo/components/input'
import { useId } from 'react'
import { type Options, Select } from './choice.tsx'
import { CONTROL, helpOf, Labelled } from './labelled.tsx'

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly description?: string
}

export interface TextFieldProps extends FieldProps {
  readonly type?: 'text' | 'password' | 'number' | 'url'
  readonly defaultValue?: string
  readonly placeholder?: string
  readonly isRequired?: boolean
}

export function TextField({ isRequired = false, description, ...rest }: TextFieldProps) {
  return (
    <Input
      {...rest}
      required={isRequired}
      autoComplete="off"
      spellCheck={false}
      {...(description === undefined ? {} : { description })}
    />
  )
}

export interface SelectFieldProps extends FieldProps {
  readonly options: Options
  readonly defaultValue?: string
}

export function SelectField({ label, description, ...select }: SelectFieldProps) {
  const id = useId()
  return (
    <Labelled label={label} htmlFor={id} description={description}>
      <Select {...select} {...helpOf(id, description)} id={id} className={`${CONTROL} h-9`} />
    </Labelled>
  )
}

export interface AreaFieldProps extends FieldProps {
  readonly rows?: number
  readonly defaultValue?: string
}

export function AreaField({ name, label, description, rows = 4, defaultValue }: AreaFieldProps) {
  const id = useId()
  return (
    <Labelled label={label} htmlFor={id} description={description}>
      <textarea
        {...helpOf(id, description)}
        id={id}
        name={name}
        rows={rows}
        defaultValue={defaultValue}
        spellCheck={false}
        className={`${CONTROL} py-2 font-mono`}
      />
    </Labelled>
  )
}

export interface CheckFieldProps extends FieldProps {
  readonly value?: string
  readonly isChecked?: boolean
}

export function CheckField({
  name,
  label,
  description,
  value,
  isChecked = false,
}: CheckFieldProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        name={name}
        value={value}
        defaultChecked={isChecked}
        className="mt-0.5 size-4 shrink-0"
      />
      <label htmlFor={id}>
        {label}
        {description !== undefined && (
          <span className="block text-sm text-kumo-subtle">{description}</span>
        )}
      </label>
    </div>
  )
}

/** The text of a field, trimmed; null when nothing is in it. */
export function textIn(form: FormData, name: string): string | null {
  const value = form.get(name)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

export const listIn = (form: FormData, name: string): readonly string[] =>
  (textIn(form, name) ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
