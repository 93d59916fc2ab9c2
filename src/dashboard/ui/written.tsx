/** Code or JSON as it was written; what is long scrolls in its place. */
export interface WrittenProps {
  readonly value: unknown
  /** For what is no code: long lines are broken. */
  readonly isWrapped?: boolean
}

export function Written({ value, isWrapped = false }: WrittenProps) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
      tabIndex={0}
      className={`${isWrapped ? 'as-written ' : ''}m-0 max-h-72 overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs`}
    >
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </pre>
  )
}
