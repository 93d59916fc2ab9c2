/** Chooses what is killed and when, from a seed, while there is something to be hit. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../../support/random.ts'
import { PARTS, type Part, type Target } from './target.ts'

/** More often the parts that do something for an exec; the whole gateway takes seconds to be back. */
const CHOICES: readonly Part[] = [
  'front',
  'front',
  'launcher',
  'launcher',
  'engine client',
  'engine client',
  'engine client',
  'workerd',
  'workerd',
  'runner',
  'start',
]
/** From an exec's request to its end: most moments in it are some phase of it. */
const MAX_WAIT_MS = 700
/** Results between two kills: were there none, nothing would ever come to its end. */
const MAX_RESULTS = 7

export interface Killed {
  /** In their order: one part, or two joined by a plus. */
  readonly kills: readonly string[]
  /** Resolves at once while all is well. */
  readonly whole: () => Promise<void>
  readonly ended: Promise<void>
}

export interface KillerOptions {
  readonly target: Target
  readonly random: Random
  /** Resolves when so many more execs have a result, and then another is under way. */
  readonly busyAfter: (results: number) => Promise<void>
  readonly isOver: () => boolean
}

/** Each part once, in some order; after that at random, now and then two at once. */
function* choices(random: Random): Generator<readonly Part[], never> {
  const left = [...PARTS]
  while (left.length > 0) yield left.splice(random.below(left.length), 1)
  for (;;) {
    const first = random.pick(CHOICES)
    const second = random.below(5) > 0 ? first : random.pick(CHOICES)
    yield first === second ? [first] : [first, second].toSorted()
  }
}

export function startKiller({ target, random, busyAfter, isOver }: KillerOptions): Killed {
  const kills: string[] = []
  let whole = Promise.resolve()

  async function killOften(): Promise<void> {
    for (const parts of choices(random)) {
      await busyAfter(random.below(MAX_RESULTS))
      await delay(random.below(MAX_WAIT_MS))
      if (isOver()) return
      kills.push(parts.join(' + '))
      whole = target.kill(parts).then(target.whole)
      await whole
    }
  }
  return { kills, whole: () => whole, ended: killOften() }
}
