/**
 * A file on its way out. Whatever it holds, a browser saves it and shows nothing of it as the
 * gateway's own page: attachment, no sniffing, a sandbox without scripts.
 */
import type { ManifestEntry } from '../../domain/ports/workspace.ts'
import type { HeaderPairs } from '../../transport/cors.ts'
import { mediaTypeOf } from './media-type.ts'

const SAFE_HEADERS: HeaderPairs = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; sandbox"],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'private, no-store'],
  ['accept-ranges', 'bytes'],
]

interface Asked {
  readonly range: string | undefined
  readonly ifNoneMatch: string | undefined
}

interface Range {
  readonly start: number
  readonly end: number
}

export function fileResponse(entry: ManifestEntry, bytes: Uint8Array, asked: Asked): Response {
  const etag = `"${entry.sha256}"`
  const headers = [
    ...SAFE_HEADERS,
    ['etag', etag],
    ['content-disposition', disposition(entry.path)],
    ...(entry.isUntrusted ? [['x-edgeclaw-untrusted', 'true'] as const] : []),
  ] as const
  const answer = (status: number, body: Uint8Array | null, more: HeaderPairs = []): Response =>
    new Response(body as BodyInit | null, {
      status,
      headers: Object.fromEntries([...headers, ...more]),
    })
  if (asked.ifNoneMatch === etag) return answer(304, null)
  const type = ['content-type', mediaTypeOf(bytes)?.type ?? 'application/octet-stream'] as const
  const range = parseRange(asked.range, bytes.length)
  if (range === 'unsatisfiable')
    return answer(416, null, [['content-range', `bytes */${bytes.length}`]])
  if (range === null) return answer(200, bytes, [type, ['content-length', String(bytes.length)]])
  const { start, end } = range
  return answer(206, bytes.subarray(start, end + 1), [
    type,
    ['content-range', `bytes ${start}-${end}/${bytes.length}`],
    ['content-length', String(end - start + 1)],
  ])
}

/** One range (RFC 9110 section 14.2); of several, or of words that are none, nothing is heard. */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return null
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** RFC 6266: the plain name for old clients, the true one encoded (RFC 8187). */
function disposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
