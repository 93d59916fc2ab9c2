/**
 * A search provider's row → one search. Judges the row first: a key where the vendor needs one, an
 * address that may be sent it. Opens no secret; sends with the port it is handed. Answers are capped
 * before and after they are parsed, and what a vendor says when it refuses is not repeated.
 */
import type {
  SearchFailure,
  SearchHit,
  SearchPort,
  SearchQuery,
} from '../../domain/ports/search.ts'
import type { WebFailure, WebPort } from '../../domain/ports/web.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { SearchProvider, SearchProviderType } from '../../domain/search-provider.ts'
import { baseUrl, type ProviderRefusal } from '../base-url.ts'
import { brave } from './brave.ts'
import type { SearchEngine } from './engine.ts'
import { searxng } from './searxng.ts'
import { tavily } from './tavily.ts'

const TIMEOUT_MS = 15_000
/** Twenty results with long snippets are a tenth of it. */
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_HITS = 20
const MAX_TITLE_CHARS = 300
const MAX_SNIPPET_CHARS = 600
const MAX_URL_CHARS = 2_000

const ENGINES: Readonly<Record<SearchProviderType, SearchEngine>> = { brave, tavily, searxng }

export interface CreateSearchOptions {
  readonly record: SearchProvider
  /** In plain text, opened for this use; null when the row holds none. */
  readonly apiKey: string | null
  /** Null where nothing may be contacted. */
  readonly web: WebPort | null
}

export function createSearch(options: CreateSearchOptions): Result<SearchPort, ProviderRefusal> {
  const { record, apiKey, web } = options
  const engine = ENGINES[record.type]
  const base = baseUrl(record, engine.address)
  if (!base.ok) return base
  if (engine.needsKey && (apiKey === null || apiKey === '')) {
    return err({
      kind: 'missing_key',
      message: `search provider ${record.name} needs an API key`,
    })
  }
  return ok({
    search: async (query, signal) =>
      web === null
        ? err({ kind: 'unavailable', message: 'addresses cannot be checked here' })
        : ask(engine, base.value, query, { apiKey, web, signal }),
  })
}

interface Way {
  readonly apiKey: string | null
  readonly web: WebPort
  readonly signal: AbortSignal
}

async function ask(
  engine: SearchEngine,
  base: string,
  query: SearchQuery,
  { apiKey, web, signal }: Way,
): Promise<Result<readonly SearchHit[], SearchFailure>> {
  const limits = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: TIMEOUT_MS }
  // An interface has nowhere to send anyone: followed, a redirect would carry the question elsewhere.
  const request = { ...engine.request(base, query, apiKey), ...limits, maxRedirects: 0 }
  const sent = await web.send(request, signal)
  if (!sent.ok) return err(ofWeb(sent.error))
  const { status, body, isTruncated } = sent.value
  if (status !== 200) return err(ofStatus(status))
  if (isTruncated) return err({ kind: 'failed', message: 'its answer is too large' })
  try {
    const hits = engine.parse(JSON.parse(new TextDecoder().decode(body)))
    return ok(hits.map(cleaned).filter(isUsable).slice(0, Math.min(query.count, MAX_HITS)))
  } catch {
    return err({ kind: 'failed', message: 'its answer makes no sense' })
  }
}

function ofWeb({ kind, message }: WebFailure): SearchFailure {
  return { kind: kind === 'refused' ? 'failed' : kind, message }
}

function ofStatus(status: number): SearchFailure {
  if (status === 401 || status === 403) {
    return { kind: 'unauthorized', message: 'it does not take the key' }
  }
  if (status === 429) return { kind: 'rate_limited', message: 'it was asked too often' }
  return { kind: 'failed', message: `it answers with status ${status}` }
}

const TAG = /<\/?[a-z][^<>]{0,200}>/gi

/** One line of plain text: engines mark what matched, some with tags. */
const words = (text: string, maxChars: number): string => {
  const line = text
    .slice(0, 4 * maxChars)
    .replaceAll(TAG, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.slice(0, maxChars).toWellFormed()
}

const cleaned = ({ title, url, snippet }: SearchHit): SearchHit => ({
  title: words(title, MAX_TITLE_CHARS) || 'Untitled',
  url,
  snippet: words(snippet, MAX_SNIPPET_CHARS),
})

const isUsable = ({ url }: SearchHit): boolean =>
  url.length <= MAX_URL_CHARS && /^https?:$/.test(URL.parse(url)?.protocol ?? '')
