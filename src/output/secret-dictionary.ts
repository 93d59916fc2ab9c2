/**
 * The values that were decrypted for one run, and the forms in which they leave: as they are,
 * URL-encoded, JSON-escaped, in base64 and base64url at any of the three alignments. Lives and dies
 * with its run; never shared between runs, never listed, never logged.
 */
import { charCodes } from './char-codes.ts'
import { createNeedleIndex } from './needle-index.ts'
import type { Span, SpanFinder } from './span.ts'

/** Shorter values occur in ordinary text by chance. */
export const MIN_SECRET_CHARS = 6
/** A line of a registered key file counts by itself from here on. */
const MIN_SECRET_LINE = 16
/** Servers behind redirects and proxies decode more than once. */
const MAX_URL_LAYERS = 3

export interface SecretDictionary {
  /** From the moment of decryption. Values under MIN_SECRET_CHARS are ignored: returns false. */
  register(secret: string): boolean
  /** Whether an outgoing argument carries a registered value, in any of its forms. */
  contains(text: string): boolean
  readonly size: number
  readonly finder: () => SpanFinder
}

const toBase64 = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * Base64 of `secret` as it reads inside a longer base64 text that began `offset` bytes earlier:
 * the characters that also depend on neighbouring bytes are left out.
 */
const base64Inside = (bytes: Uint8Array, offset: number): string => {
  const shifted = new Uint8Array(bytes.length + offset)
  shifted.set(bytes, offset)
  const first = Math.ceil((offset * 8) / 6)
  const last = Math.floor((shifted.length * 8) / 6)
  return toBase64(shifted).slice(first, last)
}

const urlEncoded = (secret: string): readonly string[] => {
  try {
    const whole = encodeURIComponent(secret)
    return [
      whole,
      whole.replaceAll('%20', '+'),
      whole.replace(/%[0-9A-F]{2}/g, (x) => x.toLowerCase()),
    ]
  } catch {
    // A lone surrogate has no URL encoding, so it cannot leave in one.
    return []
  }
}

/** Each encoded run by itself: a stray `%` elsewhere must not hide the others. */
const urlDecoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      // No UTF-8 as a whole: its ASCII characters are still what they are.
      return run.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
    }
  })

const formsOf = (secret: string): ReadonlySet<string> => {
  const bytes = new TextEncoder().encode(secret)
  const base64 = [0, 1, 2].map((offset) => base64Inside(bytes, offset))
  const forms = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...urlEncoded(secret),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ])
  for (const form of forms) if (form.length < MIN_SECRET_CHARS) forms.delete(form)
  return forms
}

export const createSecretDictionary = (): SecretDictionary => {
  const needles = createNeedleIndex<true>()

  const register = (secret: string): boolean => {
    const value = secret.trim()
    if (value.length < MIN_SECRET_CHARS) return false
    for (const form of formsOf(value)) needles.add(form, true)
    if (value.includes('\n')) {
      for (const line of value.split('\n')) {
        if (line.trim().length >= MIN_SECRET_LINE) needles.add(line.trim(), true)
      }
    }
    return true
  }

  const finder = (): SpanFinder => {
    let position = 0
    const advance = (
      text: string,
      base: number,
      final: boolean,
      sink: (span: Span) => void,
    ): number => {
      let i = position - base
      while (i < text.length) {
        i = needles.next(text, i, final)
        if (i >= text.length) break
        const hit = needles.at(text, i, final)
        if (hit === 'more') break
        if (hit === null) {
          i += 1
          continue
        }
        sink({ start: base + i, end: base + i + hit.length, kind: 'registered' })
        i += hit.length
      }
      position = base + i
      return position
    }
    return { advance }
  }

  const holds = (text: string): boolean => {
    let found = false
    const note = (): void => {
      found = true
    }
    finder().advance(text, 0, true, note, charCodes(text))
    return found
  }

  const contains = (text: string): boolean => {
    let form = text
    for (let layers = 0; layers < MAX_URL_LAYERS; layers++) {
      if (holds(form)) return true
      const decoded = urlDecoded(form)
      if (decoded === form) return false
      form = decoded
    }
    return holds(form)
  }

  return {
    register,
    contains,
    get size() {
      return needles.size
    },
    finder,
  }
}
