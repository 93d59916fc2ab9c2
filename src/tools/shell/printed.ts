/** What `echo` and `printf` print of words that are known. */

export const isPrinter = (name: string): boolean => name === 'echo' || name === 'printf'

/** With its line break; null where an escape or a directive is not followed. */
export const printedBy = (name: string, values: readonly string[]): string | null =>
  name === 'echo' ? echoed(values) : formatted(values)

function echoed(values: readonly string[]): string | null {
  const start = values.findIndex((value) => !/^-[neE]+$/.test(value))
  const at = start < 0 ? values.length : start
  const options = values.slice(0, at).join('')
  const text = values.slice(at).join(' ') + (options.includes('n') ? '' : '\n')
  return options.includes('e') ? withBreaks(text) : text
}

/** Directives but `%s`, which takes one argument after the other, are not followed. */
function formatted([format = '', ...values]: readonly string[]): string | null {
  const shown = withBreaks(format)
  if (shown === null || format.startsWith('-') || /%(?!s)/.test(shown)) return null
  const pieces = shown.split('%s')
  if (pieces.length === 1) return shown
  let text = ''
  for (let at = 0; at < Math.max(values.length, 1); ) {
    pieces.forEach((piece, index) => {
      text += piece
      if (index < pieces.length - 1) text += values[at++] ?? ''
    })
  }
  return text
}

/** Escapes but the line break are not followed: null. */
function withBreaks(text: string): string | null {
  const shown = text.replaceAll('\\n', '\n').replace(/\\0(?![0-7])/g, '\0')
  return shown.includes('\\') ? null : shown
}
