/** One of a few values, or what the tenant says. */
import { Choice, type Options } from '../../ui/choice.tsx'

export interface InheritingChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value | undefined
  /** What holds now, whoever says it. */
  readonly inForce: string | undefined
  /** The saved agent says it itself: then what the tenant says is not known here. */
  readonly isOwn: boolean
  readonly options: Options<Value>
  readonly disabled: boolean
  readonly description?: string
  readonly onChange: (value: Value | undefined) => void
}

export function InheritingChoice<Value extends string>({
  value,
  inForce,
  isOwn,
  options,
  onChange,
  ...choice
}: InheritingChoiceProps<Value>) {
  const inherited = options.find(([option]) => option === inForce)?.[1] ?? inForce
  const said = isOwn || inherited === undefined ? '' : ` (${inherited})`
  return (
    <Choice<Value | ''>
      {...choice}
      value={value ?? ''}
      options={[['', `As the tenant says${said}`], ...options]}
      onChange={(chosen) => onChange(chosen === '' ? undefined : chosen)}
    />
  )
}
