/**
 * A vendor's words, made fit to show: vendors repeat keys, mask only their middle, name URLs with
 * secrets in the query, and answer with pages of markup. Not the scrubber of `output/`, which stands
 * behind this one and knows every secret of the run.
 */
import { MAX_VENDOR_MESSAGE_CHARS } from './limits.ts'

/** What is looked at; bounds the work on a message that a hostile server made large. */
const MAX_INPUT_CHARS = 2_000

/** A part of a key long enough to narrow it down. */
const KEY_FRAGMENT_CHARS = 6

const REDACTED = '[REDACTED]'
const KEY_LIKE =
  /\b(?:sk|pk|rk|gsk|xai|AIza|ya29|Bearer)[-_. ]?[\w.*-]{6,}|\S*\*{3,}\S*|\b[\w-]{32,}\b/g

/** Any word that begins like the key; what follows the beginning goes with it. */
function withoutKey(text: string, apiKey: string | null): string {
  if (apiKey === null || apiKey.length < KEY_FRAGMENT_CHARS) return text
  const heads = [apiKey, encodeURIComponent(apiKey)].map((key) => key.slice(0, KEY_FRAGMENT_CHARS))
  return heads.reduce((left, head) => {
    const [first = '', ...rest] = left.split(head)
    return first + rest.map((part) => `${REDACTED}${part.replace(/^\S+/, '')}`).join('')
  }, text)
}

/** One line, no key, no query string, cut. Empty for a page of markup. */
export function vendorText(text: string, apiKey: string | null): string {
  const input =
    text.length <= MAX_INPUT_CHARS ? text : text.slice(0, MAX_INPUT_CHARS).replace(/\S+$/, '')
  const line = input.replace(/\p{Cc}+/gu, ' ').trim()
  if (line.startsWith('<')) return ''
  const clean = withoutKey(line, apiKey)
    .replace(/(https?:\/\/[^\s?#]+)[?#]\S*/g, '$1')
    .replace(/\/\/[^\s/@]+@/g, '//')
    .replace(KEY_LIKE, REDACTED)
  return clean.length <= MAX_VENDOR_MESSAGE_CHARS
    ? clean
    : `${clean.slice(0, MAX_VENDOR_MESSAGE_CHARS)}…`
}
