/** Labelled controls of a form. They keep their own values: a form is read as a whole when it is sent. */
import { Input } from '@cloudflare/kumo/components/input'
import { type ReactNode, useId } from 'react'

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

const control =
  'rounded-md bg-kumo-control px-2 py-1.5 text-kumo-default ring ring-kumo-line focus-visible:outline-2 focus-visible:outline-kumo-brand'

export interface SelectFieldProps extends FieldProps {
  /** Value and what is shown for it. */
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly defaultValue?: string
}

export function SelectField({ name, label, description, options, defaultValue }: SelectFieldProps) {
  const id = useId()
  return (
    <Labelled id={id} label={label} description={description}>
      <select id={id} name={name} defaultValue={defaultValue} className={control}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
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
    <Labelled id={id} label={label} description={description}>
      <textarea
        id={id}
        name={name}
        rows={rows}
        defaultValue={defaultValue}
        spellCheck={false}
        className={`${control} font-mono`}
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
        className="mt-0.5 size-4"
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

interface LabelledProps {
  readonly id: string
  readonly label: string
  readonly description: string | undefined
  readonly children: ReactNode
}

function Labelled({ id, label, description, children }: LabelledProps) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children}
      {description !== undefined && <p className="text-sm text-kumo-subtle">{description}</p>}
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
