/**
 * What a file is, by how it begins: the name and the type that its sender gives are words. A closed
 * list, for what people hand to agents; programs, archives and pages that run scripts are not on it.
 */
import { parseUtf8 } from '../../crypto/encoding.ts'

export interface MediaType {
  readonly type: string
  /** Under which it is kept. */
  readonly extension: string
}

interface Signature extends MediaType {
  readonly at: number
  readonly bytes: string
  /** A second place that must fit: containers share their beginning. */
  readonly also?: { readonly at: number; readonly bytes: string }
}

/** Each character is one byte. */
const SIGNATURES: readonly Signature[] = [
  { type: 'image/png', extension: 'png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', extension: 'jpg', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/gif', extension: 'gif', at: 0, bytes: 'GIF87a' },
  { type: 'image/gif', extension: 'gif', at: 0, bytes: 'GIF89a' },
  {
    type: 'image/webp',
    extension: 'webp',
    at: 0,
    bytes: 'RIFF',
    also: { at: 8, bytes: 'WEBP' },
  },
  { type: 'audio/wav', extension: 'wav', at: 0, bytes: 'RIFF', also: { at: 8, bytes: 'WAVE' } },
  { type: 'application/pdf', extension: 'pdf', at: 0, bytes: '%PDF-' },
  { type: 'audio/mpeg', extension: 'mp3', at: 0, bytes: 'ID3' },
  { type: 'audio/mpeg', extension: 'mp3', at: 0, bytes: '\xff\xfb' },
  { type: 'audio/ogg', extension: 'ogg', at: 0, bytes: 'OggS' },
  { type: 'audio/flac', extension: 'flac', at: 0, bytes: 'fLaC' },
  { type: 'audio/mp4', extension: 'm4a', at: 4, bytes: 'ftypM4A' },
  { type: 'video/mp4', extension: 'mp4', at: 4, bytes: 'ftyp' },
  { type: 'video/webm', extension: 'webm', at: 0, bytes: '\x1a\x45\xdf\xa3' },
]

const TEXT: MediaType = { type: 'text/plain', extension: 'txt' }
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/
/** What a browser or a drawing program would take for a document of its own, scripts included. */
const MARKUP = /^\ufeff?\s*<(?:[!?a-z])/i

/** Null for whatever is not on the list. */
export function mediaTypeOf(content: Uint8Array): MediaType | null {
  const found = SIGNATURES.find(
    ({ at, bytes, also }) =>
      beginsAt(content, at, bytes) && (!also || beginsAt(content, also.at, also.bytes)),
  )
  if (found) return { type: found.type, extension: found.extension }
  const text = parseUtf8(content)
  return text === null || text === '' || CONTROL.test(text) || MARKUP.test(text) ? null : TEXT
}

const beginsAt = (content: Uint8Array, at: number, bytes: string): boolean =>
  content.length >= at + bytes.length &&
  [...bytes].every((char, offset) => content[at + offset] === char.charCodeAt(0))
