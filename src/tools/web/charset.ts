/**
 * Bytes into text, in the encoding that the document is in: byte order mark, then the server's word,
 * then the document's own (HTML standard, "determining the character encoding"), else UTF-8. Bytes
 * that do not fit become U+FFFD; nothing here fails.
 */
import type { MediaType } from './media-type.ts'

/** Where HTML looks for `<meta charset>`. */
const PRESCANNED_BYTES = 1_024
/** A `meta` element or an XML declaration, up to the bracket that ends it. */
const DECLARATION = /<(?:meta|\?xml)\s([^<>]*)/gi
const LABEL = /(?:charset|encoding)[ \t]?=[ \t]?["']?([a-z0-9_.:-]+)/i

function markOf(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return null
}

function declaredIn(bytes: Uint8Array): string | null {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, PRESCANNED_BYTES))
  const [label = null] = [...start.matchAll(DECLARATION)].flatMap(
    ([, attributes = '']) => LABEL.exec(attributes)?.[1] ?? [],
  )
  // It was just read as ASCII, so it cannot be UTF-16.
  return label !== null && /^utf-?16/i.test(label) ? 'utf-8' : label
}

/** An encoding that is unknown, or that browsers refuse, is read as UTF-8. */
function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label)
  } catch {
    return new TextDecoder()
  }
}

export function decodeBody(bytes: Uint8Array, { charset }: MediaType): string {
  const label = markOf(bytes) ?? charset ?? declaredIn(bytes) ?? 'utf-8'
  return decoderOf(label).decode(bytes).replaceAll('\0', '\ufffd')
}
