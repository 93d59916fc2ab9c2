/** The key sets of one isolate: one for each address, whoever of its tenants trusts it. */
import { RemoteKeys } from '../../crypto/remote-keys.ts'
import type { IssuerRecord } from '../../domain/issuer.ts'
import { type IssuerWay, issuerFetch } from './issuer-fetch.ts'

/** Some ten kilobytes each; the least recently used leaves, and is fetched again when it is needed. */
const MAX_KEY_SETS = 200

const keySets = new Map<string, RemoteKeys>()

export function keysOf(
  issuer: Pick<IssuerRecord, 'jwksUrl' | 'allowPrivateNetwork'>,
  way: IssuerWay,
): RemoteKeys {
  const { jwksUrl, allowPrivateNetwork } = issuer
  // What was fetched over an open network serves nobody for whom it is closed.
  const key = `${allowPrivateNetwork ? 'private' : 'public'} ${jwksUrl}`
  const known = keySets.get(key)
  const keys =
    known ??
    new RemoteKeys({ url: new URL(jwksUrl), fetch: issuerFetch(way, issuer), now: way.now })
  keySets.delete(key)
  keySets.set(key, keys)
  const oldest = keySets.keys().next().value
  if (keySets.size > MAX_KEY_SETS && oldest !== undefined) keySets.delete(oldest)
  return keys
}
