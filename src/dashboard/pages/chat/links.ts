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

export function targetOf(href: string): Target {
  const written = href.trim()
  if (written === '' || written.length > MAX_HREF_CHARS) return NOWHERE
  const url = URL.parse(written)
  if (url === null) return fileOf(written)
  if (!OPEN_SCHEMES.includes(url.protocol)) return NOWHERE
  // A name before the host is there to be taken for it.
  if (url.username !== '' || url.password !== '') return NOWHERE
  return { kind: 'address', href: url.href, host: url.host || url.pathname }
}

/** A label that itself reads like an address, of another place than where the link leads. */
export function isMisleading(label: string, target: Target): boolean {
  if (target.kind !== 'address') return false
  const said = label.trim()
  if (/\s/.test(said) || !said.includes('.')) return false
  const url = URL.parse(said.includes('://') ? said : `https://${said}`)
  return url !== null && url.host !== '' && url.host !== target.host
}
