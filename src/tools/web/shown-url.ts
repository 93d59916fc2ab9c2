/** URLs as results and events may show them: never with a user name or password. */

/** Others are not told apart: a scheme is whatever its author wrote. */
const KNOWN_SCHEMES = new Set([
  'http',
  'https',
  'file',
  'ftp',
  'gopher',
  'data',
  'javascript',
  'ws',
])

export function schemeOf(url: string): string {
  const scheme = /^\s*([a-z][a-z0-9+.-]{0,20}):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  return KNOWN_SCHEMES.has(scheme) ? scheme : 'other'
}

export function withoutCredentials(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return '(malformed)'
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}
