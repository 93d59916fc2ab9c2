/**
 * Which links of a model's text stay links. What is refused is shown as text: a dialect never drops
 * words, it takes the click away from them.
 */

const LINK_PROTOCOLS = ['http:', 'https:', 'mailto:']
/** Spaces and control characters: clients read past them, and see another protocol than we did. */
const UNSAFE = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** The address as a browser reads it (hosts in ASCII), or null where it may not be one to click on. */
export function allowedLink(href: string): string | null {
  const text = href.trim()
  if (UNSAFE.test(text)) return null
  const url = URL.parse(text)
  if (url === null || !LINK_PROTOCOLS.includes(url.protocol)) return null
  // `https://bank.example@evil.example` leads elsewhere than it reads.
  return url.username === '' && url.password === '' ? url.href : null
}

/** The end of a host that words may name without a protocol: `1.2` is a version. */
const TOP_LEVEL = /\.[a-z][a-z\d-]+$/

/** Whether a link's words are an address on another host than `href`, which must be an allowed one. */
export function isMisleadingLabel(label: string, href: string): boolean {
  const words = label.trim()
  if (/\s/.test(words)) return false
  const hasProtocol = /^https?:\/\//i.test(words)
  const named = URL.parse(hasProtocol ? words : `https://${words}`)
  if (named === null) return hasProtocol
  if (!hasProtocol && !TOP_LEVEL.test(named.hostname)) return false
  return named.username !== '' || named.host !== URL.parse(href)?.host
}
