/**
 * What every proof of origin must hold, whatever its platform: one changed bit in the body or in a
 * header that matters refuses it, as do a missing secret and a clock that is off. Signing is done
 * with Node's own cryptography, so that product code is not compared with itself.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Delivery, Verified } from '../../../src/channels/delivery.ts'
import { utf8 } from '../../../src/crypto/encoding.ts'

/** 2026-03-01, in whole seconds. */
export const SIGNED_AT = 1_772_323_200
export const NOW_MS = 1_000 * SIGNED_AT + 250

export type HeaderList = Readonly<Record<string, string>>

export const delivery = (headers: HeaderList, body: string | Uint8Array): Delivery => ({
  headers: new Headers(headers),
  body: typeof body === 'string' ? utf8(body) : new Uint8Array(body),
})

export interface Proof {
  readonly secret: string
  /** A genuine delivery of `body`. */
  readonly sign: (body: Uint8Array) => HeaderList
  readonly verify: (delivery: Delivery, secret: string, nowMs: number) => Promise<Verified>
  /** Telegram and shared secrets prove the caller, not the body. */
  readonly signsBody: boolean
  readonly signsTime: boolean
}

const flipped = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
  const copy = new Uint8Array(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

/** Null where the platform's own parser would not let such a header in. */
const tryHeaders = (headers: HeaderList, body: Uint8Array): Delivery | null => {
  try {
    return delivery(headers, body)
  } catch {
    return null
  }
}

const bodies = fc.uint8Array({ minLength: 1, maxLength: 200 })
const bits = fc.nat(7)

export function holdsAsProof({ secret, sign, verify, signsBody, signsTime }: Proof): void {
  it('accepts a genuine delivery, whatever bytes it carries', () =>
    fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const genuine = delivery(sign(body), body)
        expect(await verify(genuine, secret, NOW_MS)).toMatchObject({ ok: true })
      }),
    ))

  it('refuses one flipped bit in any header it reads', () =>
    fc.assert(
      fc.asyncProperty(bodies, fc.nat(), fc.nat(), bits, async (body, which, at, bit) => {
        const headers = sign(body)
        const names = Object.keys(headers)
        const name = names[which % names.length] ?? ''
        const value = Buffer.from(headers[name] ?? '', 'latin1')
        const changed = Buffer.from(flipped(value, at % value.length, bit)).toString('latin1')
        const forged = tryHeaders({ ...headers, [name]: changed }, body)
        fc.pre(forged !== null && forged.headers.get(name) !== headers[name])
        expect(await verify(forged, secret, NOW_MS)).toMatchObject({ ok: false })
      }),
    ))

  it('refuses when any header is missing or empty', async () => {
    const headers = sign(utf8('{}'))
    for (const name of Object.keys(headers)) {
      const { [name]: _, ...without } = headers
      expect(await verify(delivery(without, '{}'), secret, NOW_MS), name).toMatchObject({
        ok: false,
      })
      const empty = delivery({ ...headers, [name]: '' }, '{}')
      expect(await verify(empty, secret, NOW_MS), name).toMatchObject({ ok: false })
    }
  })

  it('is closed without a secret, and to the holder of another', async () => {
    const genuine = delivery(sign(utf8('{}')), '{}')
    expect(await verify(genuine, '', NOW_MS)).toEqual({ ok: false, error: 'secret_missing' })
    const other = secret.replace(/[a-z0-9]/gi, (char) => (char === '7' ? '8' : '7'))
    expect(await verify(genuine, other, NOW_MS)).toMatchObject({ ok: false })
  })

  if (signsBody) {
    it('refuses one flipped bit of the body, an added and a missing byte', () =>
      fc.assert(
        fc.asyncProperty(bodies, fc.nat(), bits, async (body, at, bit) => {
          const headers = sign(body)
          const changes = [
            flipped(body, at % body.length, bit),
            new Uint8Array([...body, 0]),
            body.slice(0, -1),
          ]
          for (const changed of changes) {
            const forged = delivery(headers, changed)
            expect(await verify(forged, secret, NOW_MS)).toEqual({
              ok: false,
              error: 'signature_wrong',
            })
          }
        }),
        { numRuns: 50 },
      ))
  }

  if (signsTime) {
    it('accepts five minutes of difference either way and refuses a second more', async () => {
      const genuine = delivery(sign(utf8('{}')), '{}')
      for (const seconds of [-300, 0, 300]) {
        const answer = await verify(genuine, secret, 1_000 * (SIGNED_AT + seconds))
        expect(answer, `${seconds}`).toMatchObject({ ok: true })
      }
      for (const seconds of [-301, 301, Number.NaN]) {
        const answer = await verify(genuine, secret, 1_000 * (SIGNED_AT + seconds))
        expect(answer, `${seconds}`).toEqual({ ok: false, error: 'timestamp_stale' })
      }
    })
  }
}
