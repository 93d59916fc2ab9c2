/** Structured lines on the platform's log. Every value passes the scrubber: a log outlives a leak. */
import type { SecurityEvent } from '../domain/security-event.ts'
import { createRelease } from '../output/release.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'

export type LogFields = Readonly<Record<string, unknown>>

const release = createRelease({ scrubCredentials: true, dictionary: createSecretDictionary() })

function write(level: 'info' | 'warn' | 'error', event: string, fields: LogFields): void {
  const { value } = release.value({ level, event, ...fields })
  const line = JSON.stringify(value)
  if (level === 'error') console.error(line)
  else if (level === 'warn') console.warn(line)
  else console.log(line)
}

/** For lines that are kept elsewhere: scrubbed as those of the log are. */
export const scrubbedFields = (fields: LogFields): LogFields => release.value(fields).value

export const logInfo = (event: string, fields: LogFields = {}): void => write('info', event, fields)
export const logWarn = (event: string, fields: LogFields = {}): void => write('warn', event, fields)

/** A bug or a broken dependency: its stack goes to the operator, never to a caller. */
export function logError(event: string, error: unknown, fields: LogFields = {}): void {
  const detail =
    error instanceof Error
      ? { message: error.message, stack: error.stack }
      : { message: String(error) }
  write('error', event, { ...fields, ...detail })
}

export const logSecurityEvent = (event: SecurityEvent, context: LogFields): void =>
  write(event.severity, `security.${event.name}`, { ...context, ...event.fields })
