/**
 * Where the lines of gateway, runner and image build go: stderr, formatted for a person or left as
 * they are for a program. Quiet means warnings and errors only.
 */
import { paletteFor } from '../terminal.ts'
import { formatLogLine, type LogLine } from './log-line.ts'

export interface Log {
  write(line: LogLine): void
  /** Lines below a warning are shown between `ready` and the stop, where they mean something. */
  setVerbose(isVerbose: boolean): void
}

export function openLog(isQuiet: boolean, stderr: NodeJS.WriteStream = process.stderr): Log {
  const palette = paletteFor(stderr)
  let isVerbose = false
  return {
    setVerbose(wanted) {
      isVerbose = wanted && !isQuiet
    },
    write(line) {
      const { level, message, source } = line
      if (level !== 'error' && level !== 'warn' && !isVerbose) return
      const isJson = message.startsWith('{')
      const plain = source === undefined || isJson ? message : `${source}: ${message}`
      const text = stderr.isTTY ? formatLogLine(line, palette, new Date()) : plain.trimEnd()
      stderr.write(`${text}\n`)
    },
  }
}

/** The runner's lines carry their level themselves; whatever is no such line is worth seeing. */
export function levelOf(line: string): string {
  try {
    const { level } = JSON.parse(line) as { level?: unknown }
    return typeof level === 'string' ? level : 'info'
  } catch {
    return 'warn'
  }
}
