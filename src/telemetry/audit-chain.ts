/**
 * The chain of an audit trail, as arithmetic: each record's MAC covers the one before it, so that a
 * record that was altered, dropped, moved or put in is found by whoever has the key. Keys come from
 * the key ring and are the tenant's own: no record of another chain fits. It stores nothing.
 */
import { canonicalJson } from '../crypto/canonical-json.ts'
import { utf8 } from '../crypto/encoding.ts'
import { isEqualBytes } from '../crypto/equal.ts'
import { hmacSha256Hex } from '../crypto/hmac.ts'
import type { KeyRing } from '../crypto/keys.ts'
import type { AuditEntry, AuditPoint, AuditRow } from '../domain/audit-record.ts'
import type { TenantId } from '../domain/ids.ts'

/** Before the first record. */
export const GENESIS: AuditPoint = { sequence: 0, mac: '0'.repeat(64) }

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

const isSameMac = (a: string, b: string): boolean => isEqualBytes(utf8(a), utf8(b))

/** 64 hex digits before the text: nothing can move between the two. */
const macOf = (key: CryptoKey, previousMac: string, record: string): Promise<string> =>
  hmacSha256Hex(key, previousMac + record)

export async function nextRow(
  key: CryptoKey,
  previous: AuditPoint,
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
  })
  const mac = await macOf(key, previous.mac, record)
  return { sequence, record, previousMac: previous.mac, mac, createdAt: at }
}

export type ChainFault =
  /** A record is missing, or stands twice. */
  | 'gap'
  /** It does not follow the record before it. */
  | 'unlinked'
  /** Its text or its MAC is not what was written. */
  | 'altered'
  /** The copy ends before the chain does. */
  | 'truncated'
  /** There is more than was ever appended, or another end. */
  | 'beyond_head'
  /** A head that was signed earlier is not on this chain. */
  | 'anchor_missed'

export interface BrokenLink {
  readonly sequence: number
  readonly fault: ChainFault
}

export interface ChainWalk {
  readonly point: AuditPoint
  readonly checked: number
  /** Linked, but made under a key that is gone. */
  readonly unverified: number
}

export interface ChainProof {
  readonly keys: readonly CryptoKey[]
  readonly rekeyedAfter: number
  readonly anchor: AuditPoint | null
}

export const walkFrom = (point: AuditPoint): ChainWalk => ({ point, checked: 0, unverified: 0 })

/** One page further along the chain, or the first record that does not fit. */
export async function walkRows(
  start: ChainWalk,
  rows: readonly AuditRow[],
  proof: ChainProof,
): Promise<ChainWalk | BrokenLink> {
  let { point, checked, unverified } = start
  for (const row of rows) {
    const broken = (fault: ChainFault): BrokenLink => ({ sequence: point.sequence + 1, fault })
    if (row.sequence !== point.sequence + 1) return broken('gap')
    if (row.previousMac !== point.mac) return broken('unlinked')
    if (!saysOfItself(row)) return broken('altered')
    if (await isMadeBy(proof.keys, row)) checked++
    else if (row.sequence <= proof.rekeyedAfter) unverified++
    else return broken('altered')
    const { anchor } = proof
    if (anchor?.sequence === row.sequence && anchor.mac !== row.mac) return broken('anchor_missed')
    point = { sequence: row.sequence, mac: row.mac }
  }
  return { point, checked, unverified }
}

/** The columns beside the record are no part of its MAC: they must say what it says. */
function saysOfItself({ record, sequence, createdAt }: AuditRow): boolean {
  try {
    const said = JSON.parse(record) as { readonly sequence?: unknown; readonly at?: unknown }
    return said.sequence === sequence && said.at === createdAt
  } catch {
    return false
  }
}

async function isMadeBy(keys: readonly CryptoKey[], row: AuditRow): Promise<boolean> {
  for (const key of keys) {
    if (isSameMac(await macOf(key, row.previousMac, row.record), row.mac)) return true
  }
  return false
}

/** Whether the walk came to the end that the tenant's object knows. */
export function checkEnd({ point }: ChainWalk, head: AuditPoint): BrokenLink | null {
  if (point.sequence < head.sequence) return { sequence: point.sequence + 1, fault: 'truncated' }
  if (point.sequence > head.sequence) return { sequence: head.sequence + 1, fault: 'beyond_head' }
  return point.mac === head.mac ? null : { sequence: head.sequence, fault: 'beyond_head' }
}

export const isBroken = (walked: ChainWalk | BrokenLink): walked is BrokenLink => 'fault' in walked

/** A head that is laid down elsewhere says where the chain stood; its signature, that it did. */
export interface SignedHead extends AuditPoint {
  readonly tenantId: string
  readonly at: number
  readonly signature: string
}

const headText = ({ tenantId, sequence, mac, at }: Omit<SignedHead, 'signature'>): string =>
  `${ANCHOR_LABEL} ${canonicalJson({ tenantId, sequence, mac, at })}`

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
