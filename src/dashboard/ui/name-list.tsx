/** A list of words, each to be taken out by itself; further ones are typed, several at once by lines. */
import { Button } from '@cloudflare/kumo/components/button'
import { XIcon } from '@phosphor-icons/react/X'
import { type ReactNode, useId, useState } from 'react'
import { CONTROL, helpOf, Labelled } from './labelled.tsx'

export interface NameListProps {
  readonly label: string
  readonly value: readonly string[]
  readonly onChange: (value: readonly string[]) => void
  readonly description?: ReactNode
  readonly aside?: ReactNode
  readonly suggestions?: readonly string[]
  readonly placeholder?: string
  readonly disabled?: boolean
  /** Named beside it already; readers of the page hear it. */
  readonly isLabelHidden?: boolean
}

export function NameList({
  label,
  value,
  onChange,
  description,
  aside,
  suggestions = [],
  placeholder,
  disabled = false,
  isLabelHidden = false,
}: NameListProps) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const add = () => {
    const names = typed.split('\n').map((name) => name.trim())
    const fresh = names.filter((name) => name !== '' && !value.includes(name))
    if (fresh.length > 0) onChange([...value, ...new Set(fresh)])
    setTyped('')
  }
  return (
    <Labelled
      label={label}
      htmlFor={id}
      description={description}
      aside={aside}
      isLabelHidden={isLabelHidden}
    >
      {value.length > 0 && (
        <ul aria-label={`${label}: what is in it`} className="flex flex-wrap gap-1.5">
          {value.map((name) => (
            <li
              key={name}
              className="flex max-w-full items-center gap-1 rounded-md bg-kumo-tint py-0.5 pr-1 pl-2 font-mono text-xs ring ring-kumo-line"
            >
              <span className="as-written min-w-0">{name}</span>
              {!disabled && (
                <button
                  type="button"
                  aria-label={`Take out ${name}`}
                  className="grid size-6 shrink-0 place-items-center rounded hover:bg-kumo-control"
                  onClick={() => onChange(value.filter((each) => each !== name))}
                >
                  <XIcon size={12} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!disabled && (
        <div className="flex gap-2">
          <input
            id={id}
            className={`${CONTROL} h-9`}
            value={typed}
            placeholder={placeholder}
            autoComplete="off"
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              add()
            }}
            {...helpOf(id, description)}
            {...(suggestions.length === 0 ? {} : { list: `${id}-known` })}
          />
          <datalist id={`${id}-known`}>
            {suggestions
              .filter((name) => !value.includes(name))
              .map((name) => (
                <option key={name} value={name} />
              ))}
          </datalist>
          <Button aria-label={`Add to ${label}`} disabled={typed.trim() === ''} onClick={add}>
            Add
          </Button>
        </div>
      )}
      {disabled && value.length === 0 && <p className="text-kumo-subtle">Nothing</p>}
    </Labelled>
  )
}
