/** A number that may be left out; what is typed and is none says so and changes nothing. */
import { Input } from '@cloudflare/kumo/components/input'
import { type ReactNode, useEffect, useState } from 'react'

export interface NumberFieldProps {
  readonly label: string
  readonly value: number | undefined
  /** `undefined`: the field was emptied. */
  readonly onChange: (value: number | undefined) => void
  readonly description?: ReactNode
  readonly placeholder?: string
  readonly min?: number
  readonly max?: number
  readonly isInteger?: boolean
  readonly disabled?: boolean
  readonly isLabelHidden?: boolean
}

const shown = (value: number | undefined): string => (value === undefined ? '' : String(value))

export function faultOfNumber(
  text: string,
  { min = -Infinity, max = Infinity, isInteger = false }: Partial<NumberFieldProps>,
): string | null {
  if (text.trim() === '') return null
  const value = Number(text)
  if (!Number.isFinite(value)) return 'Write a number.'
  if (isInteger && !Number.isInteger(value)) return 'Write a whole number.'
  if (value < min) return `At least ${min}.`
  return value > max ? `At most ${max}.` : null
}

export function NumberField(props: NumberFieldProps) {
  const { label, value, onChange, description, placeholder, isInteger, disabled = false } = props
  const named = props.isLabelHidden ? { 'aria-label': label } : { label }
  const [text, setText] = useState(shown(value))
  // Changed from outside: discarded, or saved by somebody else.
  useEffect(() => {
    setText((typed) => (typed.trim() !== '' && Number(typed) === value ? typed : shown(value)))
  }, [value])
  const fault = faultOfNumber(text, props)
  const change = (typed: string) => {
    setText(typed)
    if (faultOfNumber(typed, props) !== null) return
    onChange(typed.trim() === '' ? undefined : Number(typed))
  }
  return (
    <Input
      {...named}
      value={text}
      inputMode={isInteger ? 'numeric' : 'decimal'}
      disabled={disabled}
      onChange={({ target }) => change(target.value)}
      {...(description === undefined ? {} : { description })}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(fault === null ? {} : { error: fault })}
    />
  )
}
