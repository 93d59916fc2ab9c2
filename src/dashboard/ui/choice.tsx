/** One of a few values: the browser's own list, which every keyboard, phone and reader knows. */
import { type ComponentProps, type ReactNode, useId } from 'react'
import { COMPACT, CONTROL, helpOf, Labelled } from './labelled.tsx'

export type Options<Value extends string = string> = readonly (readonly [
  value: Value,
  text: string,
])[]

export interface SelectProps<Value extends string>
  extends Omit<ComponentProps<'select'>, 'value' | 'onChange' | 'children'> {
  readonly options: Options<Value>
  readonly value?: Value
  readonly onChange?: (value: Value) => void
}

/** The list alone: whoever uses it names it. */
export function Select<Value extends string>({ options, onChange, ...rest }: SelectProps<Value>) {
  return (
    <select {...rest} onChange={onChange && (({ target }) => onChange(target.value as Value))}>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

export interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: Options<Value>
  readonly onChange: (value: Value) => void
  /** In a form that is read as a whole. */
  readonly name?: string
  readonly description?: ReactNode
  readonly disabled?: boolean
  /** Named beside it already; readers of the page hear it. */
  readonly isLabelHidden?: boolean
}

/** Under its name, as wide as there is room. */
export function Choice<Value extends string>({
  label,
  description,
  isLabelHidden = false,
  ...select
}: ChoiceProps<Value>) {
  const id = useId()
  return (
    <Labelled label={label} htmlFor={id} description={description} isLabelHidden={isLabelHidden}>
      <Select {...select} {...helpOf(id, description)} id={id} className={`${CONTROL} h-9`} />
    </Labelled>
  )
}

export type InlineChoiceProps<Value extends string> = Pick<
  ChoiceProps<Value>,
  'label' | 'value' | 'options' | 'onChange'
>

/** Behind its name, in a line with others: a filter, a sort. */
export function InlineChoice<Value extends string>({ label, ...select }: InlineChoiceProps<Value>) {
  const id = useId()
  return (
    <span className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="text-sm text-kumo-subtle">
        {label}
      </label>
      <Select {...select} id={id} className={COMPACT} />
    </span>
  )
}
