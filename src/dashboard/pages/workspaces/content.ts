/**
 * What is shown of a file, by how it begins: the name decides nothing. A picture is one of the kinds
 * that hold no scripts; all else is text or not shown.
 */

/** So much of a text is shown. */
export const MAX_TEXT_BYTES = 256 * 1024
export const MAX_PICTURE_BYTES = 16 * 1024 * 1024

export type Shown =
  | { readonly kind: 'picture'; readonly type: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable' }

/** Each character is one byte. */
const PICTURES: readonly (readonly [type: string, bytes: string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
]
const WEBP = [
  [0, 'RIFF'],
  [8, 'WEBP'],
] as const

const beginsAt = (bytes: Uint8Array, at: number, text: string): boolean =>
  bytes.length >= at + text.length &&
  [...text].every((char, offset) => bytes[at + offset] === char.charCodeAt(0))

export function pictureType(bytes: Uint8Array): string | null {
  if (WEBP.every(([at, text]) => beginsAt(bytes, at, text))) return 'image/webp'
  return PICTURES.find(([, text]) => beginsAt(bytes, 0, text))?.[0] ?? null
}

const ZERO = '\u0000'

/** The last character may be cut by the bound: what is broken there is left out. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return text.includes(ZERO) ? null : text
  } catch {
    return null
  }
}

export function shownOf(bytes: Uint8Array): Shown {
  const type = pictureType(bytes)
  if (type !== null) return { kind: 'picture', type }
  const text = textOf(bytes.subarray(0, MAX_TEXT_BYTES))
  return text === null ? { kind: 'unreadable' } : { kind: 'text', text }
}
