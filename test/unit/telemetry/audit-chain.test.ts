import { describe, expect, it } from 'vitest'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import type { AuditEntry, AuditPoint, AuditRow } from '../../../src/domain/audit-record.ts'
import { type TenantId, tenantIdSchema } from '../../../src/domain/ids.ts'
import {
  type BrokenLink,
  chainKeyId,
  chainKeys,
  checkEnd,
  GENESIS,
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

async function chain(length: number, ring = RING, tenantId: TenantId = TENANT, at = NOW) {
  const [key] = await chainKeys(ring, tenantId)
  if (key === undefined) throw new Error('no key')
  const rows: AuditRow[] = []
  for (let i = 1; i <= length; i++) {
    rows.push(await nextRow(key, rows.at(-1) ?? GENESIS, entry(i), at + i))
  }
  return rows
}

const pointOf = (row: AuditRow | undefined): AuditPoint =>
  row === undefined ? GENESIS : { sequence: row.sequence, mac: row.mac }

interface Options {
  readonly ring?: KeyRing
  readonly from?: AuditPoint
  readonly rekeyedAfter?: number
  readonly anchor?: AuditPoint
  readonly tenantId?: TenantId
}

async function verify(
  rows: readonly AuditRow[],
  head: AuditPoint,
  { ring = RING, from = GENESIS, rekeyedAfter = 0, anchor, tenantId = TENANT }: Options = {},
): Promise<BrokenLink | null> {
  const keys = await chainKeys(ring, tenantId)
  const walked = await walkRows(walkFrom(from), rows, {
    keys,
    rekeyedAfter,
    anchor: anchor ?? null,
  })
  return isBroken(walked) ? walked : checkEnd(walked, head)
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
    expect(await verify(rows, head, { anchor: pointOf(rows[2]) })).toBeNull()
    const rewritten = { sequence: 3, mac: 'f'.repeat(64) }
    expect(await verify(rows, head, { anchor: rewritten })).toEqual({
      sequence: 3,
      fault: 'anchor_missed',
    })
  })
})

describe('a chain over a rotation of its key', () => {
  it('is verified with both keys, and after the old one is gone from where the new one began', async () => {
    const before = await chain(3, ringOf('a1'))
    const [key] = await chainKeys(ringOf('b2'), TENANT)
    const rows = [...before]
    for (let i = 4; i <= 6; i++) {
      rows.push(await nextRow(key as CryptoKey, rows.at(-1) as AuditRow, entry(i), NOW + i))
    }
    const head = pointOf(rows.at(-1))
    expect(await verify(rows, head, { ring: ringOf('b2', 'a1') })).toBeNull()
    expect(await verify(rows, head, { ring: ringOf('b2'), rekeyedAfter: 3 })).toBeNull()
    // Nobody said that there was another key before: then the old records are forged ones.
    expect(await verify(rows, head, { ring: ringOf('b2') })).toMatchObject({ sequence: 1 })
    const link = { ...(rows[1] as AuditRow), previousMac: '0'.repeat(64) }
    const unlinked = rows.with(1, link)
    expect(await verify(unlinked, head, { ring: ringOf('b2'), rekeyedAfter: 3 })).toEqual({
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
    const at = { tenantId: TENANT, sequence: 3, mac: 'c'.repeat(64), at: NOW }
    const signed = await signHead(keys[0] as CryptoKey, at)
    expect(await isSignedHead(keys, signed)).toBe(true)
    for (const change of [
      { tenantId: 'ten_other' },
      { sequence: 2 },
      { mac: 'd'.repeat(64) },
      { at: NOW + 1 },
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
