/**
 * The gate of layer 4: what may leave. Everything that goes to a client, a channel, a log, a trace
 * or the audit passes here first and is cut to size afterwards. It decides nothing about who gets it.
 */

import type { LinearPattern } from '../domain/linear-pattern.ts'
import { type SecurityEvent, securityEvent } from '../domain/security-event.ts'
import { nameStrength } from './key-name.ts'
import { createScrubber } from './scrub.ts'
import type { SecretDictionary } from './secret-dictionary.ts'
import { isSecretField } from './secret-value.ts'
import { REDACTED } from './span.ts'
import { createStreamScrubber } from './stream.ts'

export interface ReleaseOptions {
  /** `tools.scrub_credentials`. Registered values are scrubbed even when it is off. */
  readonly scrubCredentials: boolean
  readonly dictionary: SecretDictionary
  /** Compiled `logging.redactPatterns`. */
  readonly extraPatterns?: readonly LinearPattern[]
}

export interface Released {
  readonly text: string
  readonly events: readonly SecurityEvent[]
}

export interface ReleasedValue<Value> {
  readonly value: Value
  readonly events: readonly SecurityEvent[]
}

export interface StreamReleaser {
  push(delta: string): string
  /** The rest of the text, and the events of the whole stream. */
  end(): Released
}

export interface Release {
  text(content: string): Released
  /** Plain JSON data: every string in it, keys included. */
  value<Value>(json: Value): ReleasedValue<Value>
  stream(): StreamReleaser
}

/** Deeper data is left out whole: recursion must not be the caller's to choose. */
const MAX_DEPTH = 64
const OMITTED = '[omitted: nested too deep]'

const eventsOf = (
  count: number,
  kinds: Readonly<Record<string, number>>,
): readonly SecurityEvent[] => {
  if (count === 0) return []
  const byKind = Object.entries(kinds).map(([kind, found]) => [`kind_${kind}`, found] as const)
  return [securityEvent('secret_redacted', { count, ...Object.fromEntries(byKind) })]
}

export const createRelease = (options: ReleaseOptions): Release => {
  const scrubber = createScrubber({
    registered: options.dictionary,
    enabled: options.scrubCredentials,
    ...(options.extraPatterns === undefined ? {} : { extraPatterns: options.extraPatterns }),
  })

  const text = (content: string): Released => {
    const scrubbed = scrubber.scrub(content)
    return { text: scrubbed.text, events: eventsOf(scrubbed.count, scrubbed.kinds) }
  }

  const value = <Value>(json: Value): ReleasedValue<Value> => {
    const kinds: Record<string, number> = {}
    let count = 0
    const scrubString = (content: string): string => {
      const scrubbed = scrubber.scrub(content)
      count += scrubbed.count
      for (const [kind, found] of Object.entries(scrubbed.kinds)) {
        kinds[kind] = (kinds[kind] ?? 0) + found
      }
      return scrubbed.text
    }
    /** A string field whose own name says that it is a secret: the text alone would not tell. */
    const scrubField = (name: string, content: string): string => {
      const scrubbed = scrubString(content)
      if (!options.scrubCredentials || scrubbed !== content) return scrubbed
      const strength = nameStrength(name)
      if (strength === null || !isSecretField(content, name, strength)) return content
      count += 1
      kinds['named'] = (kinds['named'] ?? 0) + 1
      return REDACTED
    }
    const walk = (node: unknown, depth: number): unknown => {
      if (typeof node === 'string') return scrubString(node)
      if (typeof node !== 'object' || node === null) return node
      if (depth >= MAX_DEPTH) return OMITTED
      if (Array.isArray(node)) return node.map((item) => walk(item, depth + 1))
      const entries = Object.entries(node).map(([key, field]) => [
        scrubString(key),
        typeof field === 'string' ? scrubField(key, field) : walk(field, depth + 1),
      ])
      return Object.fromEntries(entries)
    }
    const released = walk(json, 0) as Value
    return { value: released, events: eventsOf(count, kinds) }
  }

  const stream = (): StreamReleaser => {
    const scrubbing = createStreamScrubber(scrubber)
    return {
      push: (delta) => scrubbing.push(delta),
      end: () => {
        const rest = scrubbing.end()
        return { text: rest, events: eventsOf(scrubbing.count, scrubbing.kinds) }
      },
    }
  }

  return { text, value, stream }
}
