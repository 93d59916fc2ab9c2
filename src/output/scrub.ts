/**
 * The scrubber over whole texts. Registered values go always; known kinds and the tenant's own
 * patterns only while scrubbing is on. It never sees where the text goes and never stores it.
 */

import type { LinearPattern } from '../domain/linear-pattern.ts'
import { createExtraFinder } from './extra-finder.ts'
import { createHexFinder } from './hex-finder.ts'
import { createLearningFinder } from './learning-finder.ts'
import { createNearbyFinder } from './nearby-finder.ts'
import { createPatternFinder } from './pattern-finder.ts'
import { createRedactor, type Redactor } from './redactor.ts'
import type { SecretDictionary } from './secret-dictionary.ts'

export interface ScrubOptions {
  readonly registered: SecretDictionary
  /** From compileLinearPattern, never built elsewhere. */
  readonly extraPatterns?: readonly LinearPattern[]
  readonly enabled: boolean
}

export interface Scrubbed {
  readonly text: string
  /** `[REDACTED]` marks written. */
  readonly count: number
  /** Secrets found, by kind. */
  readonly kinds: Readonly<Record<string, number>>
}

export interface Scrubber {
  scrub(text: string): Scrubbed
  /** A redactor for one stream of text; see stream.ts. */
  open(): Redactor
}

export const createScrubber = (options: ScrubOptions): Scrubber => {
  const extra = options.extraPatterns ?? []
  const open = (): Redactor => {
    const registered = options.registered.finder()
    if (!options.enabled) return createRedactor([registered])
    const finders = [
      registered,
      createLearningFinder(createPatternFinder()),
      createHexFinder(),
      createNearbyFinder(),
    ]
    return createRedactor(extra.length === 0 ? finders : [...finders, createExtraFinder(extra)])
  }
  const scrub = (text: string): Scrubbed => {
    const redactor = open()
    const scrubbed = redactor.feed(text, true)
    return { text: scrubbed, count: redactor.count, kinds: Object.fromEntries(redactor.kinds) }
  }
  return { scrub, open }
}
