/** One of a few values: the browser's own list, which every keyboard, phone and reader knows. */
import { type ReactNode, useId } from 'react'
import { CONTROL, Labelled } from './labelled.tsx'

export interface ChoiceOption {
  readonly value: string
  readonly label: string
}

export interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly ChoiceOption[]
  readonly onChange: (value: string) => void
  readonly description?: ReactNode
  readonly aside?: ReactNode
  readonly disabled?: boolean
  /** Named beside it already; readers of the page hear it. */
  readonly isLabelHidden?: boolean
}

export function Choice({
  label,
  value,
  options,
  onChange,
  description,
  aside,
  disabled = false,
  isLabelHidden = false,
}: ChoiceProps) {
  const id = useId()
  return (
    <Labelled
      label={label}
      htmlFor={id}
      description={description}
      aside={aside}
      isLabelHidden={isLabelHidden}
    >
      <select
        id={id}
        className={`${CONTROL} h-9`}
        value={value}
        disabled={disabled}
        onChange={({ target }) => onChange(target.value)}
        {...(description === undefined ? {} : { 'aria-describedby': `${id}-help` })}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
