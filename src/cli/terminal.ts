/**
 * What is written for a person at a terminal: colour only where one looks (a TTY, NO_COLOR unset),
 * aligned rows, and text of strangers made harmless. It decides nothing and reads no input.
 */
import { stripVTControlCharacters } from 'node:util'

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Palette {
  dim(text: string): string
  bold(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

/** no-color.org: present and not empty means no colour, whatever its value. */
export const isColourful = (
  stream: Stream,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean => stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

export function paletteFor(stream: Stream, env = process.env): Palette {
  const isOn = isColourful(stream, env)
  const paint = (open: number, close: number) => (text: string) =>
    isOn && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    dim: paint(2, 22),
    bold: paint(1, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  }
}

/**
 * Model answers and tool output are written by strangers: an escape sequence in them could retitle
 * the window, move the cursor over a prompt or fill the clipboard. Newline and tab stay.
 */
export function toPlainText(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, '')
}

/**
 * One JSON document for programs: nothing of it is lost, and what a terminal would obey is spelt out.
 * JSON itself escapes the controls below U+0020 alone.
 */
export const toJsonText = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'null').replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** One line of at most `width` characters, with an ellipsis where something was left out. */
export function toOneLine(text: string, width: number): string {
  const line = toPlainText(text).replace(/\s+/g, ' ').trim()
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1)).trimEnd()}…`
}

export const widthOf = (stream: Stream): number => Math.max(40, stream.columns ?? 100)

/** Label and value in two columns, indented by two. */
export function toRows(rows: readonly (readonly [string, string])[], palette: Palette): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length))
  return rows
    .map(([label, value]) => `  ${palette.dim(label.padEnd(width))}   ${value}`.trimEnd())
    .join('\n')
}

export const formatBytes = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(2)} MB`

/** `23 ms`, `3.7 s`, `4 min 49 s`: a time that something took is never shown as nought. */
export function formatDuration(ms: number): string {
  if (ms < 100) return `${Math.ceil(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
