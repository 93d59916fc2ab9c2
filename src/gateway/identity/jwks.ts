/** The key sets of one isolate: one for each address, whoever of its tenants trusts it. */
import { RemoteKeys, UNKNOWN_KEY_COOLDOWN_MS } from '../../crypto/remote-keys.ts'
import type { IssuerRecord } from '../../domain/issuer.ts'
import { type IssuerWay, issuerFetch } from './issuer-fetch.ts'
import { Recent } from './recent.ts'

/** Some ten kilobytes each; the least recently used leaves, and is fetched again when it is needed. */
const MAX_KEY_SETS = 200

/** A number each. Apart from the sets: who makes room by naming many must not have one asked anew. */
const MAX_FAILURES = 5_000

const keySets = new Map<string, RemoteKeys>()
const failures = new Recent<number>(MAX_FAILURES, UNKNOWN_KEY_COOLDOWN_MS)

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
    new RemoteKeys({
      url: new URL(jwksUrl),
      fetch: issuerFetch(way, issuer),
      now: way.now,
      failedAt: failures.get(key, way.now()),
      onFailure: (at) => failures.set(key, at, at),
    })
  keySets.delete(key)
  keySets.set(key, keys)
  const oldest = keySets.keys().next().value
  if (keySets.size > MAX_KEY_SETS && oldest !== undefined) keySets.delete(oldest)
  return keys
}
