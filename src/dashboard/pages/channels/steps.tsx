/** What is to be done on a platform’s own site, in its order. */
export function Steps({ steps }: { readonly steps: readonly string[] }) {
  return (
    <ol className="flex list-decimal flex-col gap-2 pl-5">
      {steps.map((step) => (
        <li key={step} className="as-written">
          {step}
        </li>
      ))}
    </ol>
  )
}
