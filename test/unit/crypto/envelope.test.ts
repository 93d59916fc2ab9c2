import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSealed, open, reseal, type SealedPlace, seal } from '../../../src/crypto/envelope.ts'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import {
  openProviderKey,
  openSearchKey,
  sealProviderKey,
  sealSearchKey,
} from '../../../src/crypto/provider-key.ts'
import type { ProviderId, TenantId } from '../../../src/domain/ids.ts'

const OLD = randomBytes(32)
const NEW = randomBytes(32)
function ringOf(current: Uint8Array, previous?: Uint8Array): KeyRing {
  const ring = parseKeyRing({ current, previous })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}
const ring = ringOf(NEW)
const PLACE: SealedPlace = {
  tenantId: 'ten_a' as TenantId,
  table: 'llm_providers',
  column: 'sealed_api_key',
  row: 'prv_1',
}
const UNREADABLE = { ok: false, error: { kind: 'unreadable' } }

describe('seal', () => {
  it('makes a value that opens where it was made', async () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const sealed = await seal(ring, PLACE, text)
        expect(isSealed(sealed)).toBe(true)
        expect(await open(ring, PLACE, sealed)).toEqual({
          ok: true,
          value: { text, under: 'current' },
        })
      }),
      { numRuns: 50 },
    )
  })

  it('never makes the same value twice', async () => {
    const sealed = await Promise.all(Array.from({ length: 100 }, () => seal(ring, PLACE, 'x')))
    expect(new Set(sealed).size).toBe(100)
  })

  it('is AES-256-GCM with a derived key, nonce first and tag last', async () => {
    const sealed = await seal(ring, PLACE, 'sk-test')
    const bytes = Buffer.from(sealed.slice('aes-gcm:'.length), 'base64')
    expect(bytes).toHaveLength(12 + 'sk-test'.length + 16)
    const info = JSON.stringify(['edgeclaw/1', 'envelope', 'ten_a'])
    const key = Buffer.from(hkdfSync('sha256', NEW, new Uint8Array(), info, 32))
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    const place = ['edgeclaw/envelope/1', 'ten_a', 'llm_providers', 'sealed_api_key', 'prv_1']
    decipher.setAAD(Buffer.from(JSON.stringify(place)))
    decipher.setAuthTag(bytes.subarray(-16))
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    expect(plain.toString()).toBe('sk-test')
  })
})

describe('open', () => {
  const moves: readonly (readonly [string, Partial<SealedPlace>])[] = [
    ['tenant', { tenantId: 'ten_b' as TenantId }],
    ['table', { table: 'mcp_servers' }],
    ['column', { column: 'name' }],
    ['row', { row: 'prv_2' }],
  ]
  it.for(moves)('rejects a value moved to another %s', async ([, move]) => {
    const sealed = await seal(ring, PLACE, 'sk-test')
    expect(await open(ring, { ...PLACE, ...move }, sealed)).toEqual(UNREADABLE)
  })

  it('rejects a value whose place only reads the same', async () => {
    const one = { ...PLACE, table: 'a', column: 'bc' }
    const other = { ...PLACE, table: 'ab', column: 'c' }
    expect(await open(ring, other, await seal(ring, one, 'x'))).toEqual(UNREADABLE)
    const quoted = { ...PLACE, column: 'a","b', row: 'c' }
    const split = { ...PLACE, column: 'a', row: 'b","c' }
    expect(await open(ring, split, await seal(ring, quoted, 'x'))).toEqual(UNREADABLE)
  })

  it('rejects a value with any bit changed', async () => {
    const sealed = await seal(ring, PLACE, 'sk-test')
    const bytes = Buffer.from(sealed.slice('aes-gcm:'.length), 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes)
      altered[i] = (altered[i] ?? 0) ^ 1
      expect(await open(ring, PLACE, `aes-gcm:${altered.toString('base64')}`)).toEqual(UNREADABLE)
    }
  })

  it('rejects a value that is cut, empty or spelt otherwise', async () => {
    const sealed = await seal(ring, PLACE, 'sk-test!')
    const body = sealed.slice('aes-gcm:'.length)
    const cuts = [12, 27, 28].map((n) => Buffer.from(body, 'base64').subarray(0, n))
    const spellings = ['', ' ', `${body} `, `\n${body}`, body.replaceAll('=', ''), '====']
    const wrong = [...cuts.map((cut) => cut.toString('base64')), ...spellings]
    for (const text of wrong.filter((text) => text !== body)) {
      expect(await open(ring, PLACE, `aes-gcm:${text}`)).toEqual(UNREADABLE)
    }
  })

  it('rejects a prefixed value that fails even where plain values are accepted', async () => {
    const result = await open(ring, PLACE, 'aes-gcm:AAAA', { acceptPlaintext: true })
    expect(result).toEqual(UNREADABLE)
  })

  it('rejects a plain value', async () => {
    for (const plain of ['sk-plain', '', 'AES-GCM:x', ' aes-gcm:x']) {
      expect(await open(ring, PLACE, plain)).toEqual({ ok: false, error: { kind: 'not_sealed' } })
    }
  })

  it('allows a plain value during a migration, and says so', async () => {
    expect(await open(ring, PLACE, 'sk-plain', { acceptPlaintext: true })).toEqual({
      ok: true,
      value: { text: 'sk-plain', under: 'plaintext' },
    })
  })
})

describe('a rotation', () => {
  it('opens values of the old key and seals under the new', async () => {
    const sealed = await seal(ringOf(OLD), PLACE, 'sk-test')
    const both = ringOf(NEW, OLD)
    expect(await open(both, PLACE, sealed)).toMatchObject({ value: { under: 'previous' } })
    const anew = await reseal(both, PLACE, sealed)
    expect(anew).toMatchObject({ ok: true, value: expect.stringMatching(/^aes-gcm:/) })
    const text = anew.ok ? (anew.value ?? '') : ''
    expect(await open(ring, PLACE, text)).toMatchObject({
      value: { text: 'sk-test', under: 'current' },
    })
  })

  it('has nothing to do for a value of the new key', async () => {
    const sealed = await seal(ring, PLACE, 'sk-test')
    expect(await reseal(ringOf(NEW, OLD), PLACE, sealed)).toEqual({ ok: true, value: null })
  })

  it('rejects a value of a key that is neither', async () => {
    const sealed = await seal(ringOf(randomBytes(32)), PLACE, 'sk-test')
    expect(await open(ringOf(NEW, OLD), PLACE, sealed)).toEqual(UNREADABLE)
    expect(await reseal(ringOf(NEW, OLD), PLACE, sealed)).toEqual(UNREADABLE)
    expect(await open(ring, PLACE, await seal(ringOf(OLD), PLACE, 'x'))).toEqual(UNREADABLE)
  })
})

describe('provider keys', () => {
  const tenant = 'ten_a' as TenantId
  const id = 'prv_1' as ProviderId

  it('open for their provider', async () => {
    const sealed = await sealProviderKey(ring, tenant, id, 'sk-test')
    expect(await openProviderKey(ring, tenant, id, sealed)).toMatchObject({
      value: { text: 'sk-test' },
    })
  })

  it('do not open for another provider or tenant', async () => {
    const sealed = await sealProviderKey(ring, tenant, id, 'sk-test')
    const otherRow = openProviderKey(ring, tenant, 'prv_2' as ProviderId, sealed)
    const otherTenant = openProviderKey(ring, 'ten_b' as TenantId, id, sealed)
    expect(await otherRow).toEqual(UNREADABLE)
    expect(await otherTenant).toEqual(UNREADABLE)
  })

  it('of search and of models do not open in each other’s place', async () => {
    const sealed = await sealSearchKey(ring, tenant, id, 'key-test')
    expect(await openSearchKey(ring, tenant, id, sealed)).toMatchObject({
      value: { text: 'key-test' },
    })
    expect(await openProviderKey(ring, tenant, id, sealed)).toEqual(UNREADABLE)
    expect(await openSearchKey(ring, tenant, 'sea_2', sealed)).toEqual(UNREADABLE)
    const model = await sealProviderKey(ring, tenant, id, 'sk-test')
    expect(await openSearchKey(ring, tenant, id, model)).toEqual(UNREADABLE)
  })
})
