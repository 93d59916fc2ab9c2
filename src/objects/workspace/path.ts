/**
 * The shape that a path in a manifest must have, whoever made it. The tools' own rules are stricter
 * and come first; this is the last look before a path is stored, and knows no policy.
 */
import { err, ok, type Result } from '../../domain/result.ts'

/** Linux's NAME_MAX: a longer name could not be created in the sandbox. */
export const MAX_NAME_BYTES = 255
/** A quarter of Linux's PATH_MAX, so that it also fits behind any prefix. */
export const MAX_PATH_BYTES = 1_024
/** Deeper trees are made to hurt whoever walks them. */
export const MAX_PATH_DEPTH = 64

const encoder = new TextEncoder()
const byteLength = (text: string): number => encoder.encode(text).byteLength

/** @returns why the path cannot be stored. */
export function checkPath(path: unknown): Result<string, string> {
  if (typeof path !== 'string') return err('is no text')
  if (path === '') return err('is empty')
  // Three bytes are the most that one UTF-16 unit comes to: a cheap bound before encoding.
  if (path.length > MAX_PATH_BYTES || byteLength(path) > MAX_PATH_BYTES) return err('is too long')
  // A lone surrogate would be stored as another character than was checked.
  if (!path.isWellFormed()) return err('is no valid Unicode')
  if (path.includes('\0')) return err('holds a NUL')
  const names = path.split('/')
  if (names.length > MAX_PATH_DEPTH) return err('is nested too deeply')
  for (const name of names) {
    if (name === '') return err('is absolute or has an empty part')
    if (name === '.') return err('has a part that is only a dot')
    // Whoever takes a backslash for a separator shall find no way up either.
    if (name.split('\\').includes('..')) return err('leads upwards')
    if (byteLength(name) > MAX_NAME_BYTES) return err('has a name that is too long')
  }
  return ok(path)
}

/** Cuts whole characters off the end until the name leaves room for `suffix`. */
export function nameWithSuffix(name: string, suffix: string): string {
  const room = MAX_NAME_BYTES - byteLength(suffix)
  const chars = [...name]
  while (chars.length > 1 && byteLength(chars.join('')) > room) chars.pop()
  return chars.join('') + suffix
}
