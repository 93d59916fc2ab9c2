/** What a call to a platform came to, for the admin who asked for it. */
import type { SendFailure } from '../../channels/platform.ts'

export const wordsOf = (failure: SendFailure): string =>
  failure.kind === 'rate_limited'
    ? `the platform asks to wait ${Math.ceil(failure.retryAfterMs / 1_000)} s`
    : failure.reason
