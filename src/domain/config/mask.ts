/**
 * A document as it may be shown. Nothing secret belongs into one, but free names and texts hold what
 * people put there: values under names like `token`, and credentials in URLs, are not shown again.
 * What was masked and comes back unchanged stands for what is stored; the mask itself is never stored.
 */
import { isJsonObject } from '../json-object.ts'
import { err, ok, type Result } from '../result.ts'

export const MASK = '[masked]'

const SECRET_NAME =
  /(?:^|_)(?:tokens?|secrets?|passwords?|passwd|passphrase|api_?keys?|access_?keys?|private_?keys?|credentials?|authorization|cookies?|dsn)$/
/** Longer names are cut: at their end they say what they are. */
const MAX_NAME_CHARS = 64
/** Credentials before the host (RFC 3986 section 3.2.1), up to the last `@` of the authority. */
const URL_CREDENTIALS = /:\/\/[^\s/?#]+@/g

export function isSecretName(name: string): boolean {
  const snake = name
    .slice(-MAX_NAME_CHARS)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[- .]/g, '_')
    .toLowerCase()
  return SECRET_NAME.test(snake)
}

const maskText = (name: string, text: string): string => {
  if (text !== '' && isSecretName(name)) return MASK
  return text.replaceAll(URL_CREDENTIALS, `://${MASK}@`)
}

/** A list counts under the name that it stands under; the members of an object under their own. */
export function masked(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return maskText(name, value)
  if (Array.isArray(value)) return value.map((item) => masked(item, name))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [member, masked(inner, member)]),
  )
}

export const maskedDocument = (
  document: Readonly<Record<string, unknown>>,
): Record<string, unknown> => masked(document) as Record<string, unknown>

/** @returns the document with every mask replaced, or where a mask stands that stands for nothing */
export function unmasked(document: unknown, stored: unknown): Result<unknown, string> {
  const lost: string[] = []

  const restoredText = (text: string, before: unknown, name: string, path: string): string => {
    if (!text.includes(MASK)) return text
    if (typeof before === 'string' && maskText(name, before) === text) return before
    lost.push(path)
    return text
  }

  /** At its old place, or at another one where it is the only one that looks like this. */
  const restoredList = (
    list: readonly unknown[],
    before: unknown,
    name: string,
    path: string,
  ): readonly unknown[] => {
    const old: readonly unknown[] = Array.isArray(before) ? before : []
    const looks = old.map((item) => (typeof item === 'string' ? maskText(name, item) : null))
    const byLook = new Map<string, Set<unknown>>()
    for (const [i, look] of looks.entries()) {
      if (look !== null) byLook.set(look, (byLook.get(look) ?? new Set()).add(old[i]))
    }
    return list.map((item, i) => {
      if (typeof item !== 'string') return restore(item, old[i], name, `${path}.${i}`)
      if (looks[i] === item) return restoredText(item, old[i], name, `${path}.${i}`)
      const alike = byLook.get(item)
      const only = alike?.size === 1 ? [...alike][0] : undefined
      return restoredText(item, only, name, `${path}.${i}`)
    })
  }

  const restore = (value: unknown, before: unknown, name: string, path: string): unknown => {
    if (typeof value === 'string') return restoredText(value, before, name, path)
    if (Array.isArray(value)) return restoredList(value, before, name, path)
    if (!isJsonObject(value)) return value
    const old = isJsonObject(before) ? before : {}
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) => [
        member,
        restore(
          inner,
          Object.hasOwn(old, member) ? old[member] : undefined,
          member,
          path === '' ? member : `${path}.${member}`,
        ),
      ]),
    )
  }

  const restored = restore(document, stored, '', '')
  return lost.length === 0 ? ok(restored) : err(lost[0] ?? '')
}
