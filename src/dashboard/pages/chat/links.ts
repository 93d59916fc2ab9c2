/** Where a link of somebody's text may lead: to the web, to mail, or to a file of the workspace. Pure. */

export type Target =
  | { readonly kind: 'address'; readonly href: string; readonly host: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Anything else is shown and leads nowhere. */
  | { readonly kind: 'nowhere' }

const NOWHERE: Target = { kind: 'nowhere' }
const MAX_HREF_CHARS = 2_000

const OPEN_SCHEMES: readonly string[] = ['http:', 'https:', 'mailto:']

function fileOf(href: string): Target {
  let path: string
  try {
    path = decodeURIComponent(href.replace(/^\.\//, ''))
  } catch {
    return NOWHERE
  }
  const isPlain = path
    .split('/')
    .every(
      (part) => part !== '' && part !== '..' && part !== '.' && !/[\u0000-\u001f\\:]/.test(part),
    )
  return isPlain && !/^[?#]/.test(path) ? { kind: 'file', path } : NOWHERE
}

/** A host may be written with a dot at its end, and is the same one. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '')

/** Also by another scheme: the gateway would send it on to its own. */
function isOwn(url: URL, own: readonly string[]): boolean {
  return own.some((origin) => {
    const ours = URL.parse(origin)
    if (ours === null || hostOf(ours) !== hostOf(url)) return false
    return url.port === ours.port || url.port === ''
  })
}

/**
 * @param own origins of these pages and their gateway: whoever writes a text must not make its reader
 *   ask the gateway for something, as from an own page.
 */
export function targetOf(href: string, own: readonly string[]): Target {
  const written = href.trim()
  if (written === '' || written.length > MAX_HREF_CHARS) return NOWHERE
  const url = URL.parse(written)
  if (url === null) return fileOf(written)
  if (!OPEN_SCHEMES.includes(url.protocol)) return NOWHERE
  // A name before the host is there to be taken for it.
  if (url.username !== '' || url.password !== '' || isOwn(url, own)) return NOWHERE
  return { kind: 'address', href: url.href, host: url.host || url.pathname || 'mail' }
}

/** What is seen as it is written: other characters may be invisible, turned round or look like these. */
const PLAIN = /^[!-~]+$/

/** Whether the drawn words are the address itself. Beside any others it is said where the link leads. */
export function isAddressItself(drawn: string, { href }: Target & { kind: 'address' }): boolean {
  const said = drawn.trim()
  if (!PLAIN.test(said)) return false
  return [said, `https://${said}`, `http://${said}`, `mailto:${said}`].some(
    (read) => URL.parse(read)?.href === href,
  )
}
