/** JSON that is written by hand; where it is none the line says so, and nothing typed is lost. */
import { useId, useState } from 'react'
import { CONTROL, Labelled } from '../../ui/labelled.tsx'
import { faultOfJson, type JsonRoot } from '../configuration/json-fault.ts'

export interface JsonAreaFieldProps {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly defaultValue: string
  readonly rows?: number
  /** An object, when nothing is said. */
  readonly root?: JsonRoot
}

export function JsonAreaField(props: JsonAreaFieldProps) {
  const { name, label, description, defaultValue, rows = 4, root = 'object' } = props
  const id = useId()
  const [text, setText] = useState(defaultValue)
  const fault = text.trim() === '' ? null : faultOfJson(text, root)
  return (
    <Labelled label={label} htmlFor={id} description={description}>
      <textarea
        id={id}
        name={name}
        rows={rows}
        value={text}
        spellCheck={false}
        aria-invalid={fault !== null}
        aria-describedby={fault === null ? `${id}-help` : `${id}-fault`}
        onChange={({ target }) => setText(target.value)}
        className={`${CONTROL} py-2 font-mono text-sm`}
      />
      {fault !== null && (
        <p id={`${id}-fault`} className="text-sm text-kumo-danger">
          Line {fault.line}, column {fault.column}: {fault.message}
        </p>
      )}
    </Labelled>
  )
}
