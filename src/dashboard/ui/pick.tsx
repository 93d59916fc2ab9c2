/** A choice of a few, with its name before it: a filter, a sort. */
import { useId } from 'react'

export interface PickProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: readonly (readonly [Value, string])[]
  readonly onChange: (value: Value) => void
}

export const FIELD =
  'h-8 min-w-0 max-w-full rounded-md bg-kumo-control px-2 text-sm text-kumo-default ring ring-kumo-line placeholder:text-kumo-placeholder'

export function Pick<Value extends string>({ label, value, options, onChange }: PickProps<Value>) {
  const id = useId()
  return (
    <span className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="text-sm text-kumo-subtle">
        {label}
      </label>
      <select
        id={id}
        className={FIELD}
        value={value}
        onChange={({ target }) => onChange(target.value as Value)}
      >
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </span>
  )
}
