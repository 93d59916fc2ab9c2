/** Of an address in a row: whether it is inside a network, and whether it is spoken to in the clear. */
import type { Reached } from '../audit/surface-facts.ts'
import { checkUrl } from '../egress/url.ts'

/** @param address null: the vendor's own, which is public */
export function reachOf(address: string | null, allowPrivateNetwork: boolean): Reached {
  const checked = address === null ? null : checkUrl(address)
  const why = checked === null || checked.ok ? '' : checked.error.kind
  return {
    isPlainHttp: address?.toLowerCase().startsWith('http://') === true,
    isPrivate: allowPrivateNetwork || why === 'private_address' || why === 'private_name',
  }
}
