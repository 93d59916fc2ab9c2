/**
 * A structured log line as a person reads it at a terminal. Where nobody looks — a pipe, a file —
 * the line stays the JSON that it is.
 */
import { type Palette, toPlainText } from '../terminal.ts'

type Fields = Readonly<Record<string, unknown>>

/** Said by the line's colour and clock, or shown on lines of their own. */
const NOT_LISTED = new Set(['level', 'event', 'time', 'message', 'stack'])

function parseFields(message: string): Fields | null {
  if (!message.startsWith('{')) return null
  try {
    const fields = JSON.parse(message) as Fields
    return typeof fields['event'] === 'string' ? fields : null
  } catch {
    return null
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

export interface LogLine {
  readonly level: string
  readonly message: string
  /** The process that it comes from; absent for the gateway itself. */
  readonly source?: string
}

/** @param now shown as the local time of day. */
export function formatLogLine(
  { level, message, source }: LogLine,
  palette: Palette,
  now: Date,
): string {
  const { red, yellow, dim } = palette
  const paint = level === 'error' ? red : level === 'warn' ? yellow : (text: string) => text
  const clock = dim(now.toTimeString().slice(0, 8)) + (source === undefined ? '' : ` ${source}`)
  const fields = parseFields(message)
  if (fields === null) return `${clock} ${paint(toPlainText(message.trimEnd()))}`
  const details = Object.entries(fields)
    .filter(([name, value]) => !NOT_LISTED.has(name) && value !== null && value !== '')
    .map(([name, value]) => `${name}=${textOf(value)}`)
  const said = typeof fields['message'] === 'string' ? `: ${fields['message']}` : ''
  const head = `${clock} ${paint(toPlainText(`${textOf(fields['event'])}${said}`))}`
  const tail = details.length === 0 ? '' : ` ${dim(toPlainText(details.join(' ')))}`
  // The stack's first line repeats the message.
  const stack = textOf(fields['stack'] ?? '')
    .split('\n')
    .slice(1)
    .map((line) => `\n         ${dim(toPlainText(line.trim()))}`)
  return head + tail + stack.join('')
}
