/**
 * Signed heads of audit chains, one a day, where neither database nor object can reach: whoever rolls both
 * back cannot take these along. They lie under the tenant's own prefix, and go with it. What lies there
 * and is none counts as a fault: it may stand where one stood. A head whose key is gone is believed up to
 * the last record of that key's; it is held against the chain like all others.
 */
import { z } from 'zod'
import type { KeyRing } from '../../crypto/keys.ts'
import type { AuditPoint, AuditState } from '../../domain/audit-record.ts'
import type { TenantId } from '../../domain/ids.ts'
import {
  chainKeyId,
  chainKeys,
  chainKeysById,
  isSignedHead,
  type SignedHead,
  signHead,
} from '../../telemetry/audit-chain.ts'

/** Of a bucket, what is needed. */
export interface AnchorStore {
  put(key: string, text: string): Promise<unknown>
  get(key: string): Promise<{ text(): Promise<string> } | null>
  list(options: {
    readonly prefix: string
    readonly startAfter: string
    readonly limit: number
  }): Promise<{
    readonly objects: readonly { readonly key: string }[]
    readonly truncated: boolean
  }>
}

const DAY_MS = 86_400_000
/** Listed in one call: fewer days than a call lists, so that what does not fit was put there. */
const DAYS_LISTED = 900
const MAX_LISTED = 1_000
/** Of those, read: the newest, however long the gateway stood still since. */
const HEADS_READ = 14

const signedHeadSchema = z.object({
  tenantId: z.string(),
  sequence: z.number(),
  mac: z.string(),
  at: z.number(),
  keyId: z.string().optional(),
  signature: z.string(),
})

const prefixOf = (tenantId: string): string => `${encodeURIComponent(tenantId)}/audit/`

const placeOf = (tenantId: string, at: number): string =>
  `${prefixOf(tenantId)}${new Date(at).toISOString().slice(0, 10)}.json`

interface Whose {
  readonly anchors: AnchorStore
  readonly keyRing: KeyRing
  tenantId(): TenantId
  now(): number
}

/**
 * Lays the head down under today. @param isSuspect what lies there already is evidence, and stays
 * @returns where it lies; null when it was not laid down
 */
export async function layDown(
  { anchors, keyRing, tenantId, now }: Whose,
  { sequence, mac }: AuditPoint,
  isSuspect: boolean,
): Promise<string | null> {
  const [key] = await chainKeys(keyRing, tenantId())
  if (key === undefined) throw new Error('the key ring is empty')
  const at = now()
  const place = placeOf(tenantId(), at)
  if (isSuspect && (await anchors.get(place)) !== null) return null
  const keyId = await chainKeyId(key)
  const signed = await signHead(key, { tenantId: tenantId(), sequence, mac, at, keyId })
  await anchors.put(place, JSON.stringify(signed))
  return place
}

export interface AnchorSight {
  readonly anchors: readonly AuditPoint[]
  /** Every object is a head of this tenant's, and the one that was laid down last is among them. */
  readonly isWhole: boolean
}

/** @param last where the head lies that was laid down last */
export async function readAnchors(
  { anchors: store, keyRing, tenantId, now }: Whose,
  eras: AuditState['eras'],
  last: string | null,
): Promise<AnchorSight> {
  const startAfter = placeOf(tenantId(), now() - DAYS_LISTED * DAY_MS)
  const prefix = prefixOf(tenantId())
  const { objects, truncated } = await store.list({ prefix, startAfter, limit: MAX_LISTED })
  const places = objects.map(({ key }) => key)
  const isLastThere = last === null || last <= startAfter || places.includes(last)
  const keys = await chainKeysById(keyRing, tenantId())
  const heads = await Promise.all(
    places.slice(-HEADS_READ).map(async (place) => {
      const head = parse((await (await store.get(place))?.text()) ?? '')
      // At its own place: the head of another day says less than the one that lay there.
      if (head === null || place !== placeOf(tenantId(), head.at)) return null
      if (head.tenantId !== tenantId()) return null
      const isKnown =
        (await isSignedHead([...keys.values()], head)) || isOfLostKey(head, eras, keys)
      return isKnown ? head : null
    }),
  )
  const read = heads.filter((head) => head !== null)
  return {
    anchors: read.map(({ sequence, mac }) => ({ sequence, mac })),
    isWhole: isLastThere && !truncated && read.length === heads.length,
  }
}

const isOfLostKey = (
  head: SignedHead,
  eras: AuditState['eras'],
  keys: ReadonlyMap<string, CryptoKey>,
): boolean =>
  eras.some(
    ({ keyId, through }) =>
      !keys.has(keyId) && (head.keyId ?? keyId) === keyId && head.sequence <= through,
  )

function parse(text: string): SignedHead | null {
  try {
    return signedHeadSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
