/** Text of any length in a row: one line of it, the whole on hover. */
export function CutText({
  text,
  isCode = false,
}: {
  readonly text: string
  readonly isCode?: boolean
}) {
  return (
    <span
      className={`inline-block max-w-64 truncate align-bottom ${isCode ? 'font-mono' : ''}`}
      title={text}
    >
      {text}
    </span>
  )
}
