/** The output gate as one run uses it: configured by the tenant, its events reported as they come. */
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { Message } from '../domain/message.ts'
import type { RunEvent } from '../domain/run-event.ts'
import { compileRedactPattern, type RedactPattern } from '../output/redact-pattern.ts'
import { createRelease } from '../output/release.ts'
import { createSecretDictionary, type SecretDictionary } from '../output/secret-dictionary.ts'
import type { Report } from './emit.ts'

export interface RunRelease {
  text(content: string): string
  value<Value>(json: Value): Value
  stream(): { push(delta: string): string; end(): string }
}

/** A pattern that does not compile was refused when the document was written; here it is left out. */
const patternsOf = (config: TenantConfig): readonly RedactPattern[] =>
  config.logging.redactPatterns.flatMap((text) => {
    const compiled = compileRedactPattern(text)
    return compiled.ok ? [compiled.value] : []
  })

export function createRunRelease(
  config: TenantConfig,
  dictionary: SecretDictionary,
  report: Report,
): RunRelease {
  const release = createRelease({
    scrubCredentials: config.tools.scrub_credentials,
    dictionary,
    extraPatterns: patternsOf(config),
  })
  return {
    text: (content) => {
      const released = release.text(content)
      released.events.forEach(report)
      return released.text
    },
    value: (json) => {
      const released = release.value(json)
      released.events.forEach(report)
      return released.value
    },
    stream: () => {
      const stream = release.stream()
      return {
        push: (delta) => stream.push(delta),
        end: () => {
          const released = stream.end()
          released.events.forEach(report)
          return released.text
        },
      }
    },
  }
}

/** What listeners see of a call's arguments; the call itself got them whole. */
export const releasedEvent = (event: RunEvent, release: RunRelease): RunEvent =>
  event.type === 'tool.call' || event.type === 'tool.result'
    ? { ...event, arguments: release.value(event.arguments) }
    : event

/** Messages as a reader of the history gets them. */
export function releasedMessages(
  messages: readonly Message[],
  config: TenantConfig,
): readonly Message[] {
  const release = createRunRelease(config, createSecretDictionary(), () => undefined)
  return messages.map((message) =>
    message.role === 'assistant' && message.toolCalls
      ? {
          ...message,
          toolCalls: message.toolCalls.map((call) => ({
            ...call,
            arguments: release.value(call.arguments),
          })),
        }
      : message,
  )
}
