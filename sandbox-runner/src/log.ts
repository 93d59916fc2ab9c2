/** One JSON line an event on stderr. Ids, codes and counts; never a command, path or output. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

export function log(event: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`)
}

/** The kind of an unexpected failure, for the log; its text may hold names of files. */
export const errorKind = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  const code = 'code' in error && typeof error.code === 'string' ? `:${error.code}` : ''
  return `${error.name}${code}`
}
