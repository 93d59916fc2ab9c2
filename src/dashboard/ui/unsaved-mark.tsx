/** Beside the name of what holds something unsaved. */
export function UnsavedMark() {
  return (
    <span className="ml-1.5 text-kumo-warning">
      <span aria-hidden>●</span>
      <span className="sr-only"> unsaved</span>
    </span>
  )
}
