/**
 * The chain of an audit trail, as arithmetic: each record's MAC covers the one before it, so that a
 * record that was altered, dropped, moved or put in is found by whoever has the key. Keys come from
 * the key ring and are the tenant's own: no record of another chain fits. Each record also holds a hash
 * of the one before, which needs no key: a record that is proven vouches for all before it, those too
 * whose key a rotation took away. It stores nothing.
 */
import { canonicalJson } from '../crypto/canonical-json.ts'
import { sha256Hex } from '../crypto/digest.ts'
import { utf8 } from '../crypto/encoding.ts'
import { isEqualBytes } from '../crypto/equal.ts'
import { hmacSha256Hex } from '../crypto/hmac.ts'
import type { KeyRing } from '../crypto/keys.ts'
import type {
  AuditEntry,
  AuditPoint,
  AuditRow,
  BrokenLink,
  ChainFault,
  ChainHead,
  KeyEra,
} from '../domain/audit-record.ts'
import type { TenantId } from '../domain/ids.ts'

/** Before the first record. */
export const GENESIS: ChainHead = { sequence: 0, mac: '0'.repeat(64), link: null }

/** A trail is no place for texts: whatever is longer was meant as one. */
const MAX_FIELD_CHARS = 300
const MAX_FIELDS = 30
const KEY_ID_CHARS = 16
const KEY_ID_LABEL = 'edgeclaw/audit-key/1'
const ANCHOR_LABEL = 'edgeclaw/audit-anchor/1'

const clip = (text: string): string =>
  text.length <= MAX_FIELD_CHARS ? text : `${text.slice(0, MAX_FIELD_CHARS)}…`.toWellFormed()

const clipFields = (fields: AuditEntry['fields']): AuditEntry['fields'] =>
  Object.fromEntries(
    Object.entries(fields)
      .slice(0, MAX_FIELDS)
      .map(([name, value]) => [name, typeof value === 'string' ? clip(value) : value]),
  )

/** The key that new records are made with, and those that older ones may have been made with. */
export const chainKeys = (ring: KeyRing, tenantId: TenantId): Promise<readonly CryptoKey[]> =>
  Promise.all(
    [ring.current, ...(ring.previous === null ? [] : [ring.previous])].map((master) =>
      master.macKey(tenantId, 'audit-chain'),
    ),
  )

/** Tells keys apart without telling them. */
export const chainKeyId = async (key: CryptoKey): Promise<string> =>
  (await hmacSha256Hex(key, KEY_ID_LABEL)).slice(0, KEY_ID_CHARS)

/** The ring's keys by their ids. */
export const chainKeysById = async (
  ring: KeyRing,
  tenantId: TenantId,
): Promise<ReadonlyMap<string, CryptoKey>> =>
  new Map(
    await Promise.all(
      (await chainKeys(ring, tenantId)).map(async (key) => [await chainKeyId(key), key] as const),
    ),
  )

const isSameMac = (a: string, b: string): boolean => isEqualBytes(utf8(a), utf8(b))

/** 64 hex digits before the text: nothing can move between the two. */
const macOf = (key: CryptoKey, previousMac: string, record: string): Promise<string> =>
  hmacSha256Hex(key, previousMac + record)

/** The MAC has its length, and what follows begins with a brace: nothing can move between the two. */
export const linkOf = ({ mac, record }: Pick<AuditRow, 'mac' | 'record'>): Promise<string> =>
  sha256Hex(mac + record)

export const headOf = async (row: AuditRow): Promise<ChainHead> => ({
  sequence: row.sequence,
  mac: row.mac,
  link: await linkOf(row),
})

export async function nextRow(
  key: CryptoKey,
  previous: ChainHead,
  { kind, name, actor, fields }: AuditEntry,
  at: number,
): Promise<AuditRow> {
  const sequence = previous.sequence + 1
  const record = canonicalJson({
    sequence,
    at,
    kind,
    name,
    actor: { userId: clip(actor.userId), credential: clip(actor.credential) },
    fields: clipFields(fields),
    ...(previous.link === null ? {} : { previous: previous.link }),
  })
  const mac = await macOf(key, previous.mac, record)
  return { sequence, record, previousMac: previous.mac, mac, createdAt: at }
}

export interface ChainWalk {
  readonly point: ChainHead
  /** Proven by their MAC, or by the hash that a proven record or the head holds of them. */
  readonly checked: number
  /** Linked, made under a key that is gone, and vouched for by nothing that came after. */
  readonly unverified: number
  /** Made under a key that is gone: the next proven record says whether they are what was written. */
  readonly waiting: number
}

export interface ChainProof {
  readonly keys: ReadonlyMap<string, CryptoKey>
  readonly eras: readonly KeyEra[]
  readonly anchors: readonly AuditPoint[]
}

export const walkFrom = ({ sequence, mac }: AuditPoint): ChainWalk => ({
  point: { sequence, mac, link: null },
  checked: 0,
  unverified: 0,
  waiting: 0,
})

/** One page further along the chain, or the first record that does not fit. */
export async function walkRows(
  start: ChainWalk,
  rows: readonly AuditRow[],
  proof: ChainProof,
): Promise<ChainWalk | BrokenLink> {
  let walk = start
  for (const row of rows) {
    const next = await walkRow(walk, row, proof)
    if (isBroken(next)) return next
    walk = next
  }
  return walk
}

export async function walkRow(
  { point, checked, unverified, waiting }: ChainWalk,
  row: AuditRow,
  { keys, eras, anchors }: ChainProof,
): Promise<ChainWalk | BrokenLink> {
  const broken = (fault: ChainFault): BrokenLink => ({ sequence: point.sequence + 1, fault })
  if (row.sequence !== point.sequence + 1) return broken('gap')
  if (row.previousMac !== point.mac) return broken('unlinked')
  const said = saidBy(row)
  const keyId = eras.find(({ through }) => row.sequence <= through)?.keyId
  if (said === null || keyId === undefined) return broken('altered')
  const key = keys.get(keyId)
  const isMade = key !== undefined && isSameMac(await macOf(key, point.mac, row.record), row.mac)
  // While its key is there, nothing excuses a record that it did not make.
  if (key !== undefined && !isMade) return broken('altered')
  if (anchors.some(({ sequence, mac }) => sequence === row.sequence && mac !== row.mac))
    return broken('anchor_missed')
  const isLinked = said.previous !== undefined && point.link !== null
  // A proven record does not lie: then it is the one before it.
  if (isLinked && said.previous !== point.link)
    return { sequence: waiting > 0 ? point.sequence : row.sequence, fault: 'altered' }
  const held = isLinked ? waiting : 0
  return {
    point: await headOf(row),
    checked: isMade ? checked + held + 1 : checked,
    unverified: unverified + waiting - held,
    waiting: isMade ? 0 : held + 1,
  }
}

/** What the text says that its columns, no part of its MAC, must say as well. Null: something else. */
function saidBy({ record, sequence, createdAt }: AuditRow): { readonly previous?: unknown } | null {
  try {
    const said = JSON.parse(record) as {
      readonly sequence?: unknown
      readonly at?: unknown
      readonly previous?: unknown
    }
    return said.sequence === sequence && said.at === createdAt ? said : null
  } catch {
    return null
  }
}

/** Whether the walk came to the end that the tenant's object knows: what waits still is proven by it. */
export function endWalk(walk: ChainWalk, head: ChainHead): ChainWalk | BrokenLink {
  const { point, waiting } = walk
  if (point.sequence < head.sequence) return { sequence: point.sequence + 1, fault: 'truncated' }
  if (point.sequence > head.sequence) return { sequence: head.sequence + 1, fault: 'beyond_head' }
  if (point.mac !== head.mac) return { sequence: head.sequence, fault: 'beyond_head' }
  if (waiting === 0) return walk
  if (head.link === null) return { ...walk, waiting: 0, unverified: walk.unverified + waiting }
  if (head.link !== point.link) return { sequence: head.sequence, fault: 'altered' }
  return { ...walk, waiting: 0, checked: walk.checked + waiting }
}

export const isBroken = (walked: ChainWalk | BrokenLink): walked is BrokenLink => 'fault' in walked

/** A head that is laid down elsewhere says where the chain stood; its signature, that it did. */
export interface SignedHead extends AuditPoint {
  readonly tenantId: string
  readonly at: number
  /** Of the key that signed it. */
  readonly keyId?: string | undefined
  readonly signature: string
}

const headText = ({ tenantId, sequence, mac, at, keyId }: Omit<SignedHead, 'signature'>): string =>
  `${ANCHOR_LABEL} ${canonicalJson({ tenantId, sequence, mac, at, ...(keyId === undefined ? {} : { keyId }) })}`

export const signHead = async (
  key: CryptoKey,
  head: Omit<SignedHead, 'signature'>,
): Promise<SignedHead> => ({ ...head, signature: await hmacSha256Hex(key, headText(head)) })

export async function isSignedHead(
  keys: readonly CryptoKey[],
  { signature, ...head }: SignedHead,
): Promise<boolean> {
  for (const key of keys) {
    if (isSameMac(await hmacSha256Hex(key, headText(head)), signature)) return true
  }
  return false
}
