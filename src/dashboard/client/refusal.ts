/** What the gateway says no with, and what a lost connection leaves open. */

export interface WireRefusal {
  readonly code: string
  readonly message: string
  readonly details?: unknown
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

/** The gateway answered, and the answer is no. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: WireRefusal

  constructor(refusal: WireRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** The connection ended before an answer came: whether it was done is not known. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected'

  constructor() {
    super(
      'The connection was lost before the answer came. Look whether it was done before you repeat it.',
    )
  }
}

/** Whoever began it has signed out, or looks at another tenant now: it is not gone on with. */
export class Elsewhere extends Error {
  override readonly name = 'Elsewhere'

  constructor() {
    super('You left the tenant before it was done. Look there whether it was.')
  }
}

const MAX_REPEATS = 5
const STEP_MS = 250
/** Whoever has to wait for longer is told so, and asks again when they like. */
const LONGEST_WAIT_MS = 10_000

/** @returns how long to wait before it is asked again; null: it is not, for the gateway does not call it worth it. */
export function repeatAfterMs(error: unknown, failures: number): number | null {
  if (!(error instanceof Refused) || error.refusal.retryable !== true) return null
  const { retryAfterMs = 1_000 } = error.refusal
  if (failures >= MAX_REPEATS || retryAfterMs > LONGEST_WAIT_MS) return null
  // What a page asks for at once is refused at once: each time a little later than the gateway says.
  return retryAfterMs + STEP_MS * (2 ** failures - 1)
}

/** Refused for its pace alone, hence not begun: a change may be asked for again as well. */
export const isPaced = (error: unknown): boolean => codeOf(error) === 'RESOURCE_EXHAUSTED'

export const codeOf = (error: unknown): string | null =>
  error instanceof Refused ? error.refusal.code : null

/** A sentence for people. */
export const inPlainWords = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : 'Something went wrong.'
