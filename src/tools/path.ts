/**
 * Workspace paths as the file tools and `/v1/files` take them: purely lexical, since a workspace is
 * a manifest without symbolic links. What a path means inside a container is not decided here.
 */
import { err, ok, type Result } from '../domain/result.ts'
import type { PathRefusal } from './refusal.ts'

/** PATH_MAX of Linux, so that every accepted path can exist in the sandbox. */
const MAX_PATH_BYTES = 4_096
/** NAME_MAX of Linux. */
const MAX_SEGMENT_BYTES = 255

/** The gateway's own data inside a workspace. */
const RESERVED_SEGMENT = '.edgeclaw'

/** A leading `~/` is a home in the shell; these are credentials there, whatever the workspace. */
const FORBIDDEN_HOME_PREFIXES: readonly string[] = ['.ssh', '.gnupg', '.aws', '.config/gcloud']

/**
 * Percent-encoded dot, slash, backslash, percent or control character, the invalid bytes that
 * over-long UTF-8 forms begin with, and `%u` escapes: whatever decodes later must find nothing.
 */
const ENCODED = /%(?:2[ef5]|5c|[01][0-9a-f]|7f|c[01]|[ef][0-9a-f]|u[0-9a-f])/i
/** `%%32%65`: an encoding spread over two levels. */
const DOUBLE_ENCODED = /%%[0-9a-f]{2}/i
/** `..`, and `...` or `..2f`, which careless servers behind a URL have taken for it; not `..md`. */
const DOT_DOT_LIKE = /^\.\.(?:$|[.0-9])/
const CONTROL = /[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029]/
/** Full-width and division slashes, dot leaders: folded to `/` and `.` by some file systems. */
const LOOK_ALIKE = /[\u2024\u2025\u2044\u2215\u2216\u29f8\u29f9\ufe68\uff0e\uff0f\uff3c]/

/** A file's path with `.`, `//` and inner `..` resolved. */
export function checkWorkspacePath(text: string): Result<string, PathRefusal> {
  const path = resolve(text)
  return path.ok && path.value === '' ? err('empty') : path
}

/** As `checkWorkspacePath`, but a directory: `''` and `.` mean the workspace itself. */
export function checkWorkspaceDirectory(text: string): Result<string, PathRefusal> {
  return resolve(text)
}

function resolve(text: string): Result<string, PathRefusal> {
  const why = refusalOf(text)
  if (why !== null) return err(why)
  if (/^[a-z]:/i.test(text) || text.startsWith('/')) return err('absolute')
  if (text === '~' || text.startsWith('~/')) return err('absolute')
  const segments: string[] = []
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return err('outside')
  }
  return checkSegments(segments)
}

/**
 * What stands behind `/v1/files/`, still percent-encoded. It is decoded exactly once; a `..` is
 * refused even where it would stay inside, since a proxy on the way may have resolved another one.
 */
export function checkHttpPath(encoded: string): Result<string, PathRefusal> {
  if (encoded === '') return err('empty')
  if (encoded.startsWith('/')) return err('absolute')
  // Before decoding, so that `%2e` and `%2f` cannot say what `.` and `/` may not.
  const structural = refusalOf(encoded)
  if (structural !== null && !isDecodable(encoded, structural)) return err(structural)
  const text = decodeOnce(encoded)
  if (text === null) return err('encoded')
  const why = refusalOf(text)
  if (why !== null) return err(why)
  if (text.startsWith('/') || text.startsWith('~') || /^[a-z]:/i.test(text)) return err('absolute')
  const segments = text.split('/')
  if (segments.some((segment) => DOT_DOT_LIKE.test(segment))) return err('outside')
  if (segments.includes('') || segments.includes('.')) return err('encoded')
  return checkSegments(segments)
}

/** Bytes ≥ 0xE0 are encoded legitimately in a URL; whether they are UTF-8 the decoder says. */
const isDecodable = (encoded: string, why: PathRefusal): boolean =>
  why === 'encoded' && !/%(?:2[ef5]|5c|[01][0-9a-f]|7f|c[01]|u[0-9a-f]|%)/i.test(encoded)

function decodeOnce(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return null
  }
}

function refusalOf(text: string): PathRefusal | null {
  if (CONTROL.test(text) || !text.isWellFormed()) return 'control_character'
  if (text.includes('\\')) return 'backslash'
  if (ENCODED.test(text) || DOUBLE_ENCODED.test(text) || LOOK_ALIKE.test(text)) return 'encoded'
  return byteLength(text) > MAX_PATH_BYTES ? 'too_long' : null
}

function checkSegments(segments: readonly string[]): Result<string, PathRefusal> {
  if (segments.some((segment) => byteLength(segment) > MAX_SEGMENT_BYTES)) return err('too_long')
  const path = segments.join('/')
  return isReservedPath(path) ? err('forbidden') : ok(path)
}

/** Paths that the file tools neither read nor write nor list. Case-insensitive: so are some disks. */
export function isReservedPath(path: string): boolean {
  const folded = path.toLowerCase()
  if (folded.split('/').includes(RESERVED_SEGMENT)) return true
  return FORBIDDEN_HOME_PREFIXES.some(
    (prefix) => folded === prefix || folded.startsWith(`${prefix}/`),
  )
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length
