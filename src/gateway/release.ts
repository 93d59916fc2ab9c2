/** The output gate as one run uses it: configured by the tenant, its events reported as they come. */
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import { compileLinearPattern, type LinearPattern } from '../domain/linear-pattern.ts'
import type { Message, ToolCall } from '../domain/message.ts'
import type { RunEvent } from '../domain/run-event.ts'
import { createRelease } from '../output/release.ts'
import { createSecretDictionary, type SecretDictionary } from '../output/secret-dictionary.ts'
import type { Report } from './emit.ts'

export interface RunRelease {
  text(content: string): string
  value<Value>(json: Value): Value
  stream(): { push(delta: string): string; end(): string }
}

/** A pattern that does not compile was refused when the document was written; here it is left out. */
const patternsOf = (config: TenantConfig): readonly LinearPattern[] =>
  config.logging.redactPatterns.flatMap((text) => {
    const compiled = compileLinearPattern(text)
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

/** Traces pass it last of all, when nobody is left to be told: whatever the tenant scrubs, they are. */
export function createTraceRelease(
  config: TenantConfig,
  dictionary: SecretDictionary,
): (text: string) => string {
  const release = createRelease({
    scrubCredentials: true,
    dictionary,
    extraPatterns: patternsOf(config),
  })
  return (text) => release.text(text).text
}

/**
 * For whoever decides on a call: all of it but the values that were opened for the run. What looks
 * like a secret may be made to, around the part of a command that shall not be read.
 */
export const createVerbatimRelease = (
  dictionary: SecretDictionary,
  report: Report,
): Pick<RunRelease, 'value'> => {
  const release = createRelease({ scrubCredentials: false, dictionary })
  return {
    value: (json) => {
      const released = release.value(json)
      released.events.forEach(report)
      return released.value
    },
  }
}

/**
 * What readers see of a call; the call itself got its arguments whole. The vendor writes its id and
 * name too. A result says both again: it passes here as well, so that the two stay together.
 */
const releasedCall = ({ id, name, arguments: args }: ToolCall, release: RunRelease): ToolCall => ({
  id: release.text(id),
  name: release.text(name),
  arguments: release.value(args),
})

export const releasedEvent = (event: RunEvent, release: RunRelease): RunEvent =>
  event.type === 'tool.call' || event.type === 'tool.result'
    ? { ...event, ...releasedCall(event, release) }
    : event

function releasedMessage(message: Message, release: RunRelease): Message {
  switch (message.role) {
    case 'user':
      return message
    case 'assistant':
      return message.toolCalls
        ? { ...message, toolCalls: message.toolCalls.map((call) => releasedCall(call, release)) }
        : message
    case 'tool':
      return {
        ...message,
        toolCallId: release.text(message.toolCallId),
        name: release.text(message.name),
      }
  }
}

/** Messages as a reader of the history gets them. */
export function releasedMessages(
  messages: readonly Message[],
  config: TenantConfig,
): readonly Message[] {
  const release = createRunRelease(config, createSecretDictionary(), () => undefined)
  return messages.map((message) => releasedMessage(message, release))
}
