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

export const codeOf = (error: unknown): string | null =>
  error instanceof Refused ? error.refusal.code : null

/** A sentence for people. */
export const inPlainWords = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : 'Something went wrong.'
