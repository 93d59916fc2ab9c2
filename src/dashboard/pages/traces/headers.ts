/** Headers as people write them: one a line, `name: value`. */

export type Headers =
  | { readonly ok: true; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string }

const NAME = /^[A-Za-z0-9-]{1,64}$/

export function parseHeaders(text: string): Headers {
  const value: Record<string, string> = {}
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim()
    const content = line.slice(colon + 1).trim()
    // The line itself may hold a credential: it is not repeated.
    if (!NAME.test(name) || content === '')
      return { ok: false, problem: `Line ${at + 1} is not of the form name: value.` }
    value[name] = content
  }
  return { ok: true, value }
}
