/** What a setting does, in the words of the schema: names stand in it between backticks. */
export function Help({ text }: { readonly text: string }) {
  return (
    <p className="mt-1 text-sm text-kumo-subtle">
      {text.split('`').map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence
          <code key={index} className="as-written">
            {part}
          </code>
        ),
      )}
    </p>
  )
}
