import { describe, expect, it } from 'vitest'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import type {
  AuditEntry,
  AuditPoint,
  AuditRow,
  BrokenLink,
  ChainHead,
  KeyEra,
} from '../../../src/domain/audit-record.ts'
import { type TenantId, tenantIdSchema } from '../../../src/domain/ids.ts'
import {
  type ChainWalk,
  chainKeyId,
  chainKeys,
  chainKeysById,
  endWalk,
  GENESIS,
  headOf,
  isBroken,
  isSignedHead,
  nextRow,
  signHead,
  walkFrom,
  walkRows,
} from '../../../src/telemetry/audit-chain.ts'

const NOW = 1_700_000_000_000
const TENANT = tenantIdSchema.parse('ten_acme')
const ringOf = (hex: string, previous?: string): KeyRing => {
  const ring = parseKeyRing({
    current: hex.repeat(32),
    ...(previous === undefined ? {} : { previous: previous.repeat(32) }),
  })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}
const RING = ringOf('a1')

const entry = (number: number): AuditEntry => ({
  kind: number % 2 === 0 ? 'change' : 'event',
  name: `operation.${number}`,
  actor: { userId: 'ada', credential: 'key_1' },
  fields: { number, text: `of ${number}` },
})

/** @param hasLinks whether records hold the hash of the one before */
async function chain(
  length: number,
  ring = RING,
  tenantId: TenantId = TENANT,
  at = NOW,
  { from = GENESIS, hasLinks = true }: { from?: ChainHead; hasLinks?: boolean } = {},
) {
  const [key] = await chainKeys(ring, tenantId)
  if (key === undefined) throw new Error('no key')
  const rows: AuditRow[] = []
  let head = from
  for (let i = from.sequence + 1; i <= from.sequence + length; i++) {
    const row = await nextRow(key, head, entry(i), at + i)
    rows.push(row)
    head = { ...(await headOf(row)), ...(hasLinks ? {} : { link: null }) }
  }
  return rows
}

const pointOf = (row: AuditRow | undefined): AuditPoint =>
  row === undefined ? GENESIS : { sequence: row.sequence, mac: row.mac }

const keyIdOf = async (ring: KeyRing, tenantId: TenantId = TENANT): Promise<string> => {
  const [key] = await chainKeys(ring, tenantId)
  return chainKeyId(key as CryptoKey)
}

interface Options {
  readonly ring?: KeyRing
  readonly from?: AuditPoint
  readonly eras?: readonly KeyEra[]
  readonly anchors?: readonly AuditPoint[]
  readonly link?: string | null
}

async function walked(
  rows: readonly AuditRow[],
  head: AuditPoint,
  { ring = RING, from = GENESIS, eras, anchors = [], link = null }: Options = {},
): Promise<ChainWalk | BrokenLink> {
  const walk = await walkRows(walkFrom(from), rows, {
    keys: await chainKeysById(ring, TENANT),
    eras: eras ?? [{ through: 1_000, keyId: await keyIdOf(ring) }],
    anchors,
  })
  return isBroken(walk) ? walk : endWalk(walk, { ...head, link })
}

async function verify(
  rows: readonly AuditRow[],
  head: AuditPoint,
  options: Options = {},
): Promise<BrokenLink | null> {
  const end = await walked(rows, head, options)
  return isBroken(end) ? end : null
}

const LENGTH = 6
/** Another character in its place, whatever stands there. */
const flipped = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`

describe('a chain', () => {
  it('that nobody touched is whole, from its beginning and from a checkpoint', async () => {
    const rows = await chain(LENGTH)
    expect(await verify(rows, pointOf(rows.at(-1)))).toBeNull()
    const cut = { from: pointOf(rows[2]) }
    expect(await verify(rows.slice(3), pointOf(rows.at(-1)), cut)).toBeNull()
    expect(await verify([], GENESIS)).toBeNull()
  })

  it('is broken by any character of any record, MAC or link that changes', async () => {
    const rows = await chain(3)
    const head = pointOf(rows.at(-1))
    for (const [index, row] of rows.entries()) {
      for (const column of ['record', 'mac', 'previousMac'] as const) {
        for (let at = 0; at < row[column].length; at++) {
          const changed = rows.with(index, { ...row, [column]: flipped(row[column], at) })
          const broken = await verify(changed, head)
          expect(broken, `${column} ${at} of ${row.sequence}`).not.toBeNull()
          expect(broken?.sequence).toBeLessThanOrEqual(row.sequence + 1)
        }
      }
      const later = rows.with(index, { ...row, createdAt: row.createdAt + 1 })
      expect(await verify(later, head)).toEqual({ sequence: row.sequence, fault: 'altered' })
    }
  })

  it('is broken by any record that is dropped, doubled or put in', async () => {
    const rows = await chain(LENGTH)
    const head = pointOf(rows.at(-1))
    const foreign = await chain(LENGTH, RING, tenantIdSchema.parse('ten_other'))
    for (let i = 0; i < LENGTH; i++) {
      expect(await verify(rows.toSpliced(i, 1), head), `without ${i + 1}`).not.toBeNull()
      const own = rows[i] as AuditRow
      expect(await verify(rows.toSpliced(i, 0, own), head), `twice ${i + 1}`).not.toBeNull()
      const other = foreign[i] as AuditRow
      expect(await verify(rows.with(i, other), head), `foreign ${i + 1}`).not.toBeNull()
    }
  })

  it('is broken by any two records that change places, and by renumbering them', async () => {
    const rows = await chain(LENGTH)
    const head = pointOf(rows.at(-1))
    for (let i = 0; i < LENGTH; i++) {
      for (let j = i + 1; j < LENGTH; j++) {
        const [a, b] = [rows[i] as AuditRow, rows[j] as AuditRow]
        const swapped = rows.with(i, b).with(j, a)
        expect(await verify(swapped, head), `${i}, ${j}`).toMatchObject({ fault: 'gap' })
        const renumbered = rows
          .with(i, { ...b, sequence: a.sequence })
          .with(j, { ...a, sequence: b.sequence })
        expect(await verify(renumbered, head), `${i}, ${j} renumbered`).not.toBeNull()
      }
    }
  })

  it('is broken by any tail that is cut off, or grown on', async () => {
    const rows = await chain(LENGTH)
    const head = pointOf(rows.at(-1))
    for (let kept = 0; kept < LENGTH; kept++) {
      expect(await verify(rows.slice(0, kept), head)).toEqual({
        sequence: kept + 1,
        fault: 'truncated',
      })
    }
    expect(await verify(rows, pointOf(rows[3]))).toMatchObject({ fault: 'beyond_head' })
    // The same length with another end: the object knows which one was written.
    expect(await verify(rows, { ...head, mac: '0'.repeat(64) })).toMatchObject({
      fault: 'beyond_head',
    })
  })

  it('cannot be forged without the key, nor with another tenant’s', async () => {
    const forged = await chain(LENGTH, ringOf('b2'))
    expect(await verify(forged, pointOf(forged.at(-1)))).toEqual({ sequence: 1, fault: 'altered' })
    const foreign = await chain(LENGTH, RING, tenantIdSchema.parse('ten_other'))
    expect(await verify(foreign, pointOf(foreign.at(-1)))).toMatchObject({ fault: 'altered' })
  })

  it('is broken by a record of another history of its own, whatever it is linked to', async () => {
    const rows = await chain(LENGTH)
    const other = await chain(LENGTH, RING, TENANT, NOW + 1_000)
    const head = pointOf(rows.at(-1))
    for (let i = 1; i < LENGTH; i++) {
      const before = rows[i - 1] as AuditRow
      const put = { ...(other[i] as AuditRow), previousMac: before.mac }
      const after = rows[i + 1]
      const mixed = rows.with(i, put)
      if (after !== undefined) mixed[i + 1] = { ...after, previousMac: put.mac }
      const fault = { sequence: i + 1, fault: 'altered' }
      expect(await verify(mixed, after ? head : pointOf(put))).toEqual(fault)
    }
  })

  it('must pass through a head that was signed earlier', async () => {
    const rows = await chain(LENGTH)
    const head = pointOf(rows.at(-1))
    expect(await verify(rows, head, { anchors: [pointOf(rows[2]), pointOf(rows[4])] })).toBeNull()
    const rewritten = { sequence: 3, mac: 'f'.repeat(64) }
    expect(await verify(rows, head, { anchors: [rewritten, pointOf(rows[4])] })).toEqual({
      sequence: 3,
      fault: 'anchor_missed',
    })
  })
})

describe('a chain over a rotation of its key', () => {
  const OLD = ringOf('a1')
  const BOTH = ringOf('b2', 'a1')
  const NEW = ringOf('b2')

  /** Three records under the old key, three under the new one. */
  async function rotated({ hasLinks = true }: { readonly hasLinks?: boolean } = {}) {
    const before = await chain(3, OLD, TENANT, NOW, { hasLinks })
    const last = await headOf(before.at(-1) as AuditRow)
    const from = hasLinks ? last : { ...last, link: null }
    const rows = [...before, ...(await chain(3, NEW, TENANT, NOW, { from, hasLinks }))]
    const eras = [
      { through: 3, keyId: await keyIdOf(OLD) },
      { through: 6, keyId: await keyIdOf(NEW) },
    ]
    return { rows, head: await headOf(rows.at(-1) as AuditRow), eras }
  }
  const harmless = (row: AuditRow): AuditRow => ({
    ...row,
    record: row.record.replace('operation', 'harmless!'),
  })

  it('is verified with both keys, and whole after the old one is gone', async () => {
    const { rows, head, eras } = await rotated()
    for (const ring of [BOTH, NEW]) {
      expect(await walked(rows, head, { ring, eras })).toMatchObject({ checked: 6, unverified: 0 })
    }
    // Nobody said that there was another key before: then the old records are forged ones.
    const one = eras.slice(1)
    expect(await verify(rows, head, { ring: NEW, eras: one })).toMatchObject({ sequence: 1 })
  })

  it('is broken by any record of before that was altered, with the old key and without it', async () => {
    const { rows, head, eras } = await rotated()
    for (const [index, row] of rows.slice(0, 3).entries()) {
      const altered = rows.with(index, harmless(row))
      const fault = { sequence: row.sequence, fault: 'altered' }
      expect(await verify(altered, head, { ring: BOTH, eras })).toEqual(fault)
      expect(await verify(altered, head, { ring: NEW, eras })).toEqual(fault)
      const mac = '0'.repeat(64)
      const remade = rows.with(index, { ...row, mac })
      const next = remade[index + 1] as AuditRow
      remade[index + 1] = { ...next, previousMac: mac }
      expect(await verify(remade, head, { ring: NEW, eras })).not.toBeNull()
    }
  })

  it('is broken by one that lost the hash of the one before it with its text', async () => {
    const { rows, head, eras } = await rotated()
    const bare = (row: AuditRow): AuditRow => {
      const { previous: _, ...said } = JSON.parse(row.record) as Record<string, unknown>
      return { ...row, record: JSON.stringify(said) }
    }
    const stripped = rows.map((row) => (row.sequence <= 3 ? bare(harmless(row)) : row))
    expect(await verify(stripped, head, { ring: NEW, eras })).toEqual({
      sequence: 3,
      fault: 'altered',
    })
  })

  it('is vouched for by the head alone where nothing was appended since', async () => {
    const rows = await chain(3, OLD)
    const head = await headOf(rows.at(-1) as AuditRow)
    const eras = [{ through: 3, keyId: await keyIdOf(OLD) }]
    const options = { ring: NEW, eras, link: head.link }
    expect(await walked(rows, head, options)).toMatchObject({ checked: 3, unverified: 0 })
    const altered = rows.with(2, harmless(rows[2] as AuditRow))
    expect(await verify(altered, head, options)).toEqual({ sequence: 3, fault: 'altered' })
  })

  it('says of what holds no hashes, and lost its key, that nobody can tell', async () => {
    const { rows, head, eras } = await rotated({ hasLinks: false })
    expect(await walked(rows, head, { ring: NEW, eras })).toMatchObject({
      checked: 3,
      unverified: 3,
    })
    const altered = rows.with(0, harmless(rows[0] as AuditRow))
    expect(await verify(altered, head, { ring: BOTH, eras })).toMatchObject({ sequence: 1 })
    const link = { ...(rows[1] as AuditRow), previousMac: '0'.repeat(64) }
    expect(await verify(rows.with(1, link), head, { ring: NEW, eras })).toEqual({
      sequence: 2,
      fault: 'unlinked',
    })
  })

  it('tells its keys apart by an id that tells nothing of them', async () => {
    const [a] = await chainKeys(ringOf('a1'), TENANT)
    const [b] = await chainKeys(ringOf('b2'), TENANT)
    const ids = [await chainKeyId(a as CryptoKey), await chainKeyId(b as CryptoKey)]
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('a signed head', () => {
  it('is good as it was signed, and for no other tenant, time, number or MAC', async () => {
    const keys = await chainKeys(RING, TENANT)
    const at = { tenantId: TENANT, sequence: 3, mac: 'c'.repeat(64), at: NOW, keyId: 'a' }
    const signed = await signHead(keys[0] as CryptoKey, at)
    expect(await isSignedHead(keys, signed)).toBe(true)
    for (const change of [
      { tenantId: 'ten_other' },
      { sequence: 2 },
      { mac: 'd'.repeat(64) },
      { at: NOW + 1 },
      { keyId: 'b' },
      { signature: '0'.repeat(64) },
    ]) {
      expect(await isSignedHead(keys, { ...signed, ...change })).toBe(false)
    }
    expect(await isSignedHead(await chainKeys(ringOf('b2'), TENANT), signed)).toBe(false)
  })
})

describe('a record', () => {
  it('holds who did what when, in canonical JSON, and no text of any length', async () => {
    const [key] = await chainKeys(RING, TENANT)
    const long = { ...entry(1), fields: { text: 'x'.repeat(5_000) } }
    const row = await nextRow(key as CryptoKey, GENESIS, long, NOW)
    expect(row.record.length).toBeLessThan(600)
    expect(JSON.parse(row.record)).toMatchObject({
      sequence: 1,
      at: NOW,
      kind: 'event',
      name: 'operation.1',
      actor: { userId: 'ada', credential: 'key_1' },
    })
  })
})
