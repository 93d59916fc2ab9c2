/** Where a provider's requests go. A key is sent there, so the address is judged before any use. */
import type { ProviderRecord } from '../domain/agent-record.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { checkUrl } from '../egress/url.ts'

/** What `createModel` refuses, in words for the administrator who set the provider up. */
export interface ProviderRefusal {
  readonly kind: 'disabled' | 'missing_key' | 'missing_base_url' | 'bad_base_url'
  readonly message: string
}

/** A vendor's own address, and the path that a bare origin given instead is completed with. */
export interface VendorAddress {
  readonly url: string | null
  readonly path: string
}

const refuse = (kind: ProviderRefusal['kind'], message: string): Result<never, ProviderRefusal> =>
  err({ kind, message })

/** The base URL without trailing slash. Plain http and private hosts only when the record allows it. */
export function baseUrl(
  record: Pick<ProviderRecord, 'name' | 'apiBase' | 'allowPrivateNetwork'>,
  vendor: VendorAddress,
): Result<string, ProviderRefusal> {
  const text = record.apiBase ?? vendor.url
  if (text === null || text.trim() === '') {
    return refuse('missing_base_url', `provider ${record.name} needs a base URL (api_base)`)
  }
  const { allowPrivateNetwork } = record
  const checked = checkUrl(text, { allowPrivateNetwork, requireHttps: true })
  if (!checked.ok) {
    const hint =
      checked.error.kind === 'private_name' ||
      checked.error.kind === 'private_address' ||
      checked.error.kind === 'plain_http'
        ? '; an owner can set allow_private_network for a service of your own network'
        : ''
    return refuse(
      'bad_base_url',
      `the base URL of provider ${record.name} is refused: ${checked.error.message}${hint}`,
    )
  }
  const { origin, pathname, search, hash } = checked.value
  if (search !== '' || hash !== '') {
    return refuse('bad_base_url', `the base URL of provider ${record.name} must end with its path`)
  }
  let path = pathname
  while (path.endsWith('/')) path = path.slice(0, -1)
  return ok(`${origin}${path === '' ? vendor.path : path}`)
}
