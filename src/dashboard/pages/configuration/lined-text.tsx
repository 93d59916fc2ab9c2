/** A text with the numbers of its lines beside it. */
import { type Ref, useRef } from 'react'

export interface LinedTextProps {
  readonly ref?: Ref<HTMLTextAreaElement>
  readonly label: string
  readonly value: string
  readonly markedLine: number | null
  readonly onChange: (value: string) => void
}

export function LinedText({ ref, label, value, markedLine, onChange }: LinedTextProps) {
  const numbers = useRef<HTMLDivElement>(null)
  const count = value.split('\n').length
  return (
    <div className="flex h-[min(60vh,40rem)] overflow-hidden rounded-lg bg-kumo-control font-mono text-sm leading-5 ring ring-kumo-line has-focus-visible:ring-2 has-focus-visible:ring-kumo-focus">
      <div
        ref={numbers}
        aria-hidden
        className="shrink-0 overflow-hidden border-r border-kumo-hairline bg-kumo-recessed py-2 text-right text-kumo-strong select-none"
      >
        {Array.from({ length: count }, (_, index) => index + 1).map((line) => (
          <div
            key={line}
            className={`px-2 ${line === markedLine ? 'bg-kumo-danger-tint font-semibold text-kumo-danger' : ''}`}
          >
            {line}
          </div>
        ))}
      </div>
      <textarea
        ref={ref}
        aria-label={label}
        className="min-w-0 flex-1 resize-none overflow-auto bg-transparent px-3 py-2 whitespace-pre outline-none"
        value={value}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        aria-invalid={markedLine !== null}
        onChange={({ target }) => onChange(target.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop
        }}
      />
    </div>
  )
}
