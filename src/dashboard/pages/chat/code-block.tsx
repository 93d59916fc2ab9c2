/** Code with a button that copies it; coloured once the colours are loaded and the text stands still. */
import { type RefObject, useEffect, useRef, useState } from 'react'
import { CopyButton } from '../../ui/copy-button.tsx'
import './code.css'
import type { Coloured } from './highlight.ts'

/** Longer code is shown in one colour. */
const MAX_COLOURED_CHARS = 20_000
/** Text that still comes in is not coloured anew with each piece. */
const STILL_MS = 250

/** Null until it was in sight for as long as it takes to load and find the colours. */
function useColours(
  place: RefObject<HTMLElement | null>,
  code: string,
  language: string,
): readonly Coloured[] | null {
  const [coloured, setColoured] = useState<{ code: string; pieces: readonly Coloured[] } | null>(
    null,
  )
  useEffect(() => {
    const { current } = place
    if (current === null || language === '' || code.length > MAX_COLOURED_CHARS) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const paint = async () => {
      const { colour } = await import('./highlight.ts')
      const pieces = colour(code, language)
      // Stale by now: the text has grown, or is gone.
      if (timer !== undefined && pieces !== null) setColoured({ code, pieces })
    }
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      timer = setTimeout(() => void paint(), STILL_MS)
    })
    observer.observe(current)
    return () => {
      observer.disconnect()
      clearTimeout(timer)
      timer = undefined
    }
  }, [place, code, language])
  return coloured?.code === code ? coloured.pieces : null
}

export interface CodeBlockProps {
  readonly code: string
  /** As the writer of a fence names it. */
  readonly language?: string
  readonly label?: string
  /** For what is no code: long lines are broken. */
  readonly isWrapped?: boolean
}

export function CodeBlock({ code, language = '', label, isWrapped = false }: CodeBlockProps) {
  const [name = ''] = language.trim().toLowerCase().split(/\s/)
  const figure = useRef<HTMLElement>(null)
  const pieces = useColours(figure, code, name)
  return (
    <figure
      ref={figure}
      className="min-w-0 overflow-hidden rounded-lg bg-kumo-recessed ring ring-kumo-line"
    >
      <figcaption className="flex items-center justify-between gap-2 border-b border-kumo-hairline bg-kumo-base py-1 pr-1 pl-3 text-xs text-kumo-subtle">
        <span className="truncate">{label ?? (name || 'text')}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
        tabIndex={0}
        className={`max-h-96 overflow-auto p-3 font-mono text-[0.8125rem] leading-5 ${isWrapped ? 'as-written' : ''}`}
      >
        <code className="hljs">
          {pieces?.map(({ text, className }, index) =>
            className === '' ? (
              text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
              <span key={index} className={className}>
                {text}
              </span>
            ),
          ) ?? code}
        </code>
      </pre>
    </figure>
  )
}
