/**
 * Looks names up over HTTPS (JSON, as 1.1.1.1 speaks it), where the platform has no resolver of its
 * own to ask. Closed: a name is looked up in both families or not at all, since the connection that
 * follows may use either. Judges no address; that is done by whoever asked.
 */
import { z } from 'zod'
import type { Fetch } from '../domain/model.ts'
import type { Resolve } from './destination.ts'
import { EgressError, UNRESOLVABLE } from './refusal.ts'

export const CLOUDFLARE_DOH = 'https://cloudflare-dns.com/dns-query'

const TIMEOUT_MS = 5_000
const MAX_ANSWER_CHARS = 64 * 1024
/** RFC 1035, 3.2.2 and RFC 3596. */
const RECORD_TYPES = { A: 1, AAAA: 28 } as const
/** RFC 1035, 4.1.1: the answer is one; and the name does not exist. */
const NO_ERROR = 0
const NAME_ERROR = 3

const answerSchema = z.object({
  Status: z.number().int(),
  Answer: z.array(z.object({ type: z.number().int(), data: z.string() })).optional(),
})

export interface DohOptions {
  readonly fetch: Fetch
  readonly endpoint?: string
  readonly timeoutMs?: number
}

export function createDohResolve(options: DohOptions): Resolve {
  const { fetch, endpoint = CLOUDFLARE_DOH, timeoutMs = TIMEOUT_MS } = options
  const ask = async (name: string, type: keyof typeof RECORD_TYPES): Promise<readonly string[]> => {
    const query = new URLSearchParams({ name, type })
    const response = await fetch(`${endpoint}?${query}`, {
      headers: { accept: 'application/dns-json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    if (response.status !== 200 || text.length > MAX_ANSWER_CHARS) throw new Error('no answer')
    const { Status: status, Answer: records = [] } = answerSchema.parse(JSON.parse(text))
    if (status === NAME_ERROR) return []
    if (status !== NO_ERROR) throw new Error('the name server failed')
    // Aliases on the way to the address stand in the same list.
    return records
      .filter((record) => record.type === RECORD_TYPES[type])
      .map((record) => record.data)
  }
  return async (host) => {
    try {
      const [v4, v6] = await Promise.all([ask(host, 'A'), ask(host, 'AAAA')])
      return [...v4, ...v6]
    } catch {
      throw new EgressError(UNRESOLVABLE)
    }
  }
}
