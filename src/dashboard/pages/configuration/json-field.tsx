/** A setting of a kind that has no control of its own: written as JSON. */

import { InputArea } from '@cloudflare/kumo/components/input'
import { useEffect, useState } from 'react'
import { isSameJson } from '../../client/json.ts'

export interface JsonFieldProps {
  readonly label: string
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

const shown = (value: unknown): string =>
  value === undefined ? '' : JSON.stringify(value, null, 2)

/** Undefined for an empty text; `null` stands for what is no JSON. */
function read(text: string): { readonly value: unknown } | null {
  if (text.trim() === '') return { value: undefined }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

export function JsonField({ label, value, onChange }: JsonFieldProps) {
  const [text, setText] = useState(() => shown(value))
  // Changed from outside: what says the same stays as it was typed.
  useEffect(() => {
    setText((typed) => {
      const parsed = read(typed)
      return parsed !== null && isSameJson(parsed.value, value) ? typed : shown(value)
    })
  }, [value])
  const isWrong = read(text) === null
  return (
    <InputArea
      aria-label={label}
      className="font-mono text-sm"
      spellCheck={false}
      rows={Math.min(12, Math.max(2, text.split('\n').length))}
      value={text}
      onValueChange={(typed) => {
        setText(typed)
        const parsed = read(typed)
        if (parsed !== null) onChange(parsed.value)
      }}
      {...(isWrong ? { error: 'This is no JSON yet: it is not kept.' } : {})}
    />
  )
}
