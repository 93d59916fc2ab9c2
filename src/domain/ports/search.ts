/** The way of a tool to the search engines that a tenant has set up; which one answers is not its matter. */
import type { Result } from '../result.ts'

export interface SearchQuery {
  readonly text: string
  /** How many results at most. */
  readonly count: number
}

/** What an engine found, as third parties wrote it. */
export interface SearchHit {
  readonly title: string
  readonly url: string
  readonly snippet: string
}

export interface SearchFailure {
  readonly kind: 'unavailable' | 'unauthorized' | 'rate_limited' | 'timeout' | 'failed'
  /** For the user or model; names no address and repeats nothing that an engine said. */
  readonly message: string
}

export interface SearchPort {
  search(
    query: SearchQuery,
    signal: AbortSignal,
  ): Promise<Result<readonly SearchHit[], SearchFailure>>
}
