/**
 * Judges a URL that a tenant, a model or a redirect chose, before any name is resolved. Whoever
 * connects must use the returned URL, never the text: the text may be read differently elsewhere.
 * What a name resolves to is judged by `address.ts`, after this.
 */
import { err, ok, type Result } from '../domain/result.ts'
import { isReachableAddress } from './address.ts'

/** The longest URL that real servers accept; longer ones only serve to burden parsers. */
export const MAX_URL_CHARS = 8_192

export interface UrlPolicy {
  /** Opens loopback and the private ranges, private names and plain http; never metadata services. */
  readonly allowPrivateNetwork?: boolean
  /** For destinations that are sent a secret. Plain http then needs `allowPrivateNetwork`. */
  readonly requireHttps?: boolean
}

export type UrlRefusalKind =
  | 'malformed'
  | 'scheme'
  | 'credentials'
  | 'plain_http'
  | 'private_name'
  | 'private_address'

/** Words for the user; hold neither the URL nor the address. */
export interface UrlRefusal {
  readonly kind: UrlRefusalKind
  readonly message: string
}

const MESSAGES: Readonly<Record<UrlRefusalKind, string>> = {
  malformed: 'the URL is malformed',
  scheme: 'only http and https URLs may be fetched',
  credentials: 'the URL contains a user name or password',
  plain_http: 'the URL must use https',
  private_name: 'the URL names a host of a private network',
  private_address: 'the URL leads to an address that is not public',
}

export const urlRefusal = (kind: UrlRefusalKind): UrlRefusal => ({ kind, message: MESSAGES[kind] })

/** RFC 6761, RFC 6762, and what clouds and companies use inside; a name is private with all below it. */
const PRIVATE_SUFFIXES = ['localhost', 'local', 'internal', 'localdomain', 'home.arpa']

/** Answers with credentials to whoever asks; stays closed even on an open private network. */
const METADATA_NAMES = ['metadata.google.internal', 'metadata.goog', 'instance-data.ec2.internal']

const isNameWithin = (name: string, suffix: string): boolean =>
  name === suffix || name.endsWith(`.${suffix}`)

/** Tabs and line breaks vanish when URLs are parsed, but not from a log line or another parser. */
const HIDDEN_CHARACTERS = /\p{Cc}|\p{Zl}|\p{Zp}/u

/** An IP literal without brackets, or null for a name. The URL parser has normalised it by now. */
export function literalAddress(hostname: string): string | null {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  // WHATWG URL, "ends in a number": such a host is an IPv4 address or was refused by the parser.
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? hostname : null
}

/** The name as a resolver sees it: lower case, without the root's trailing dot. */
export const bareName = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '')

function parseUrl(input: string | URL): URL | null {
  const text = typeof input === 'string' ? input.trim() : input.href
  if (text.length > MAX_URL_CHARS || HIDDEN_CHARACTERS.test(text.split(/[?#]/, 1)[0] ?? '')) {
    return null
  }
  return URL.parse(text)
}

function checkName(hostname: string, allowPrivateNetwork: boolean): UrlRefusalKind | null {
  const name = bareName(hostname)
  // An empty label (`127.0.0.1..`) is no host name; stacks disagree on what it means.
  if (name === '' || name.split('.').includes('')) return 'malformed'
  // What still reads as numbers after the parser's normalisation would be read as an address.
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)) return 'private_address'
  if (METADATA_NAMES.some((suffix) => isNameWithin(name, suffix))) return 'private_name'
  if (allowPrivateNetwork) return null
  // A name without a dot is completed from the machine's own search list: never a public site.
  if (!name.includes('.')) return 'private_name'
  return PRIVATE_SUFFIXES.some((suffix) => isNameWithin(name, suffix)) ? 'private_name' : null
}

export function checkUrl(input: string | URL, policy: UrlPolicy = {}): Result<URL, UrlRefusal> {
  const url = parseUrl(input)
  if (url === null) return err(urlRefusal('malformed'))
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return err(urlRefusal('scheme'))
  if (url.username !== '' || url.password !== '') return err(urlRefusal('credentials'))
  const allowPrivateNetwork = policy.allowPrivateNetwork === true
  const address = literalAddress(url.hostname)
  if (address !== null) {
    if (!isReachableAddress(address, allowPrivateNetwork)) return err(urlRefusal('private_address'))
  } else {
    const refused = checkName(url.hostname, allowPrivateNetwork)
    if (refused !== null) return err(urlRefusal(refused))
  }
  if (policy.requireHttps === true && url.protocol === 'http:' && !allowPrivateNetwork) {
    return err(urlRefusal('plain_http'))
  }
  return ok(url)
}
