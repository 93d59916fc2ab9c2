/**
 * Answers of the web, kept for a quarter of an hour so that a page asked for twice is fetched once.
 * Speed only: an isolate that has none asks again. Every entry is its tenant's, under a key that no
 * other tenant's request has; nothing that was sent with a body or a credential is kept.
 */
import type { TenantId } from '../domain/ids.ts'
import type { WebAnswer, WebPort, WebRequest } from '../domain/ports/web.ts'

const TTL_MS = 15 * 60_000
/** Of one isolate, which has 128 MB for everything. */
const MAX_TOTAL_BYTES = 8 * 1024 * 1024
const MAX_ENTRY_BYTES = 1024 * 1024
const MAX_ENTRIES = 200
/** What an entry takes beside its body. */
const ENTRY_OVERHEAD_BYTES = 4_096

interface Entry {
  readonly answer: WebAnswer
  readonly bytes: number
  readonly expiresAt: number
}

export class WebCache {
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>()
  #totalBytes = 0

  find(key: string, now: number): WebAnswer | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.expiresAt > now) return entry.answer
    this.#remove(key, entry)
    return null
  }

  keep(key: string, answer: WebAnswer, now: number): void {
    const bytes = answer.body.length + ENTRY_OVERHEAD_BYTES
    if (bytes > MAX_ENTRY_BYTES) return
    const old = this.#entries.get(key)
    if (old !== undefined) this.#remove(key, old)
    this.#entries.set(key, { answer, bytes, expiresAt: now + TTL_MS })
    this.#totalBytes += bytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#totalBytes <= MAX_TOTAL_BYTES && this.#entries.size <= MAX_ENTRIES) break
      this.#remove(oldest, entry)
    }
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#totalBytes -= entry.bytes
  }
}

/** All that an answer may depend on. As JSON, so that no part can be read as another. */
const keyOf = (tenantId: TenantId, { url, headers, maxBytes }: WebRequest): string =>
  JSON.stringify([tenantId, url, Object.entries(headers), maxBytes])

const HARMLESS_HEADERS = new Set(['accept', 'accept-language', 'user-agent'])

function isKeepable({ status, headers, isTruncated }: WebAnswer): boolean {
  const control = headers.filter(([name]) => name === 'cache-control').map(([, value]) => value)
  return status === 200 && !isTruncated && !/no-store|private/i.test(control.join())
}

export const withCache = (
  web: WebPort,
  { cache, tenantId, now }: { cache: WebCache; tenantId: TenantId; now: () => number },
): WebPort => ({
  send: async (request, signal) => {
    const isPlain =
      request.method === 'GET' &&
      Object.keys(request.headers).every((name) => HARMLESS_HEADERS.has(name))
    if (!isPlain) return web.send(request, signal)
    const key = keyOf(tenantId, request)
    const kept = cache.find(key, now())
    if (kept !== null) return { ok: true, value: kept }
    const sent = await web.send(request, signal)
    if (sent.ok && isKeepable(sent.value)) cache.keep(key, sent.value, now())
    return sent
  },
})
