/**
 * How much a caller may send. Bytes are counted before they are decoded, and nesting before it is
 * parsed, so that refusing costs less than sending. It knows no schema.
 */
import { bytesWithin } from '../domain/bytes-within.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from './refusal.ts'

/** A frame of gateway protocol v3; more is closed with 1009. */
export const MAX_SOCKET_MESSAGE_BYTES = 512 * 1024
/** `connect` is small: an unauthenticated peer gets no more memory than this. */
export const MAX_FIRST_FRAME_BYTES = 64 * 1024
/** A transcript of a long conversation fits; 128 isolates' worth of them does not fill memory. */
export const MAX_JSON_BODY_BYTES = 1_000_000
/** What common proxies pass; the longest URL of ours holds a workspace path of 1 KB, encoded. */
export const MAX_URL_BYTES = 8 * 1024
/** Room for a large JWT beside a browser's own headers. */
export const MAX_HEADERS_BYTES = 32 * 1024
/** A browser sends two dozen, a chain of proxies adds a dozen; each one more is walked by every reader. */
export const MAX_HEADERS = 100
/** Deeper JSON is made to exhaust stacks of whoever walks it; tool schemas reach about a dozen. */
export const MAX_JSON_DEPTH = 64

/** Reads the body whole, or stops at the first byte too many and cancels the rest. */
export async function readBodyWithin(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Result<Uint8Array, TransportRefusal>> {
  const body = await bytesWithin(stream, maxBytes)
  return body === null ? err({ kind: 'body_too_large', maxBytes }) : ok(body)
}

/** A declared length that is too much is refused before a byte is read; a lie is met by the reader. */
export function checkContentLength(
  header: string | null,
  maxBytes: number,
): Result<null, TransportRefusal> {
  const isTooMuch = header !== null && /^\d+$/.test(header) && Number(header) > maxBytes
  return isTooMuch ? err({ kind: 'body_too_large', maxBytes }) : ok(null)
}

/** JSON of strict UTF-8, RFC 8259 section 8.1, without a byte order mark. */
export function parseJson(bytes: Uint8Array): Result<unknown, TransportRefusal> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return err({ kind: 'json_malformed' })
  }
  return parseJsonText(text)
}

export function parseJsonText(text: string): Result<unknown, TransportRefusal> {
  const depth = checkJsonDepth(text)
  if (!depth.ok) return depth
  try {
    return ok(JSON.parse(text) as unknown)
  } catch {
    return err({ kind: 'json_malformed' })
  }
}

/** Counts brackets outside of strings in one pass, for text that may be no JSON at all. */
export function checkJsonDepth(
  text: string,
  maxDepth = MAX_JSON_DEPTH,
): Result<null, TransportRefusal> {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      i = endOfString(text, i)
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      depth++
      if (depth > maxDepth) return err({ kind: 'json_too_deep', maxDepth })
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) {
      depth--
    }
  }
  return ok(null)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== QUOTE) {
    i += text.charCodeAt(i) === BACKSLASH ? 2 : 1
  }
  return i
}

/** The size of one socket message, in the bytes that came over the wire. */
export function checkMessageSize(
  message: string | ArrayBuffer,
  maxBytes: number,
): Result<null, TransportRefusal> {
  return byteLength(message, maxBytes) > maxBytes
    ? err({ kind: 'message_too_large', maxBytes })
    : ok(null)
}

/** Encodes only where the number of UTF-16 units leaves a doubt (one unit is 1 to 3 bytes). */
function byteLength(message: string | ArrayBuffer, doubtAt: number): number {
  if (typeof message !== 'string') return message.byteLength
  if (message.length > doubtAt || message.length * 3 <= doubtAt) return message.length
  return new TextEncoder().encode(message).byteLength
}

export function checkUrl(url: string): Result<null, TransportRefusal> {
  return url.length > MAX_URL_BYTES
    ? err({ kind: 'url_too_long', maxBytes: MAX_URL_BYTES })
    : ok(null)
}

export function checkHeaders(
  headers: Iterable<readonly [string, string]>,
): Result<null, TransportRefusal> {
  let size = 0
  let count = 0
  for (const [name, value] of headers) {
    count++
    if (count > MAX_HEADERS) return err({ kind: 'too_many_headers', max: MAX_HEADERS })
    size += name.length + value.length
    if (size > MAX_HEADERS_BYTES) {
      return err({ kind: 'headers_too_large', maxBytes: MAX_HEADERS_BYTES })
    }
  }
  return ok(null)
}
