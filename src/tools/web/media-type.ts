/** What an answer is, by what its server says and, where it says nothing, by its first bytes. */

export type PageKind = 'html' | 'xml' | 'text' | 'binary'

export interface MediaType {
  /** `type/subtype` in lower case; empty when the server names none, or none that is well-formed. */
  readonly name: string
  readonly charset: string | null
}

const WELL_FORMED = /^\s*([a-z0-9!#$&^_.+-]{1,80}\/[a-z0-9!#$&^_.+-]{1,80})\s*(?:;|$)/i
const CHARSET = /;\s*charset\s*=\s*"?([a-z0-9_.:-]{1,40})/i
/** Longer headers say nothing that belongs here. */
const MAX_HEADER_CHARS = 500
const SNIFFED_BYTES = 1_024

const TEXT_TYPES =
  /^application\/(?:json|ld\+json|x-ndjson|ndjson|jsonl|javascript|x-javascript|ecmascript|yaml|x-yaml|toml|sql|graphql|x-sh|x-httpd-php|x-www-form-urlencoded|x-tex|rtf)$|\+(?:json|yaml)$/

export function parseMediaType(header: string | undefined): MediaType {
  const text = (header ?? '').slice(0, MAX_HEADER_CHARS)
  return {
    name: WELL_FORMED.exec(text)?.[1]?.toLowerCase() ?? '',
    charset: CHARSET.exec(text)?.[1] ?? null,
  }
}

/** A feed that is sent as HTML is a feed: many servers do. */
const FEED_START = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?<(?:rss|feed|rdf:RDF)[\s>]/
const HTML_START =
  /^\uFEFF?\s*<(?:!doctype\s+html|html|head|body|!--|script|meta|title|div|p|h1|table)[\s>]/i

export function kindOf({ name }: MediaType, body: Uint8Array): PageKind {
  const bytes = body.subarray(0, SNIFFED_BYTES)
  const start = new TextDecoder('latin1').decode(bytes)
  if (name === 'text/html' || name === 'application/xhtml+xml') {
    return FEED_START.test(withoutMark(start)) ? 'xml' : 'html'
  }
  if (name === 'application/xml' || name === 'text/xml' || name.endsWith('+xml')) return 'xml'
  if (name.startsWith('text/') || TEXT_TYPES.test(name)) return 'text'
  if (name !== '' && name !== 'application/octet-stream') return 'binary'
  if (bytes.includes(0)) return 'binary'
  if (FEED_START.test(withoutMark(start)) || /^\s*<\?xml\s/.test(withoutMark(start))) return 'xml'
  if (HTML_START.test(withoutMark(start))) return 'html'
  return name === '' && isUtf8(bytes) ? 'text' : 'binary'
}

/** The UTF-8 byte order mark, as Latin-1 shows it. */
const withoutMark = (start: string): string => start.replace(/^\u00ef\u00bb\u00bf/, '')

/** The last character may be cut. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
