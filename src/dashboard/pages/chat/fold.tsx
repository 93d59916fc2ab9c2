/** Long text: its beginning, and all of it when it is asked for. */
import { Button } from '@cloudflare/kumo/components/button'
import { type ReactNode, useState } from 'react'

const MAX_LINES = 24
const MAX_CHARS = 3_000

const beginningOf = (text: string): string =>
  text.split('\n', MAX_LINES).join('\n').slice(0, MAX_CHARS)

export interface FoldProps {
  readonly text: string
  readonly children: (shown: string) => ReactNode
}

export function Fold({ text, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false)
  const beginning = beginningOf(text)
  if (beginning.length === text.length) return children(text)
  return (
    <div className="flex min-w-0 flex-col items-start gap-1">
      <div className="w-full min-w-0">{children(isOpen ? text : `${beginning}…`)}</div>
      <Button size="xs" variant="ghost" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Show less' : `Show all (${text.length.toLocaleString()} characters)`}
      </Button>
    </div>
  )
}
