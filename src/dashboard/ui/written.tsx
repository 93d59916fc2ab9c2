/** Code or JSON as it was written; what is long scrolls in its place. */
export function Written({ value }: { readonly value: unknown }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
      tabIndex={0}
      className="m-0 max-h-72 overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs"
    >
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </pre>
  )
}
