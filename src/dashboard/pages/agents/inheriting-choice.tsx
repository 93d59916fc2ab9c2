/** One of a few values, or what the tenant says. */
import { Choice } from '../../ui/choice.tsx'

export interface InheritingChoiceProps {
  readonly label: string
  readonly value: string | undefined
  /** What holds now, whoever says it. */
  readonly inForce: string | undefined
  /** The saved agent says it itself: then what the tenant says is not known here. */
  readonly isOwn: boolean
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly disabled: boolean
  readonly description?: string
  readonly onChange: (value: string | undefined) => void
}

export function InheritingChoice(props: InheritingChoiceProps) {
  const { label, value, inForce, isOwn, options, disabled, description, onChange } = props
  const inherited = options.find((option) => option.value === inForce)?.label ?? inForce
  const said = isOwn || inherited === undefined ? '' : ` (${inherited})`
  return (
    <Choice
      label={label}
      value={value ?? ''}
      disabled={disabled}
      options={[{ value: '', label: `As the tenant says${said}` }, ...options]}
      onChange={(chosen) => onChange(chosen === '' ? undefined : chosen)}
      {...(description === undefined ? {} : { description })}
    />
  )
}
