/** What one vendor of web search asks and answers; sending is not its matter. */
import { z } from 'zod'
import type { SearchHit, SearchQuery } from '../../domain/ports/search.ts'
import type { WebRequest } from '../../domain/ports/web.ts'
import type { VendorAddress } from '../base-url.ts'

export interface SearchEngine {
  /** Null: every instance has its own. */
  readonly address: VendorAddress
  readonly needsKey: boolean
  /** The key goes into a header: an address stands in logs on the way. */
  request(
    base: string,
    query: SearchQuery,
    apiKey: string | null,
  ): Pick<WebRequest, 'url' | 'method' | 'headers' | 'body'>
  /** Of the parsed JSON; throws when it is something else than this vendor's answer. */
  parse(answer: unknown): readonly SearchHit[]
}

/** More than are ever shown: the rest is not looked at. */
const MAX_RESULTS = 100

/**
 * A list of a stranger's results, each judged alone and the first of them only: zod makes an issue of
 * every bad element, a kilobyte for each `0`.
 */
export const resultsOf = <Row extends z.ZodType>(row: Row) =>
  z.array(z.unknown()).transform((results) => z.array(row).parse(results.slice(0, MAX_RESULTS)))
