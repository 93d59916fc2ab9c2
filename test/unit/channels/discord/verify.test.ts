import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyDiscord } from '../../../../src/channels/discord/verify.ts'
import { delivery, holdsAsProof, NOW_MS, SIGNED_AT } from '../proof.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const publicHex = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')

const sign = (body: Uint8Array) => ({
  'x-signature-timestamp': `${SIGNED_AT}`,
  'x-signature-ed25519': signBytes(
    null,
    Buffer.concat([Buffer.from(`${SIGNED_AT}`), body]),
    privateKey,
  ).toString('hex'),
})

describe("Discord's signature", () => {
  holdsAsProof({
    secret: publicHex,
    sign,
    verify: verifyDiscord,
    signsBody: true,
    signsTime: true,
  })

  it('refuses a public key of another form', async () => {
    const genuine = delivery(sign(Buffer.from('{}')), '{}')
    for (const key of [publicHex.slice(2), `${publicHex}00`]) {
      expect(await verifyDiscord(genuine, key, NOW_MS)).toMatchObject({ ok: false })
    }
    expect(await verifyDiscord(genuine, 'not hex', NOW_MS)).toEqual({
      ok: false,
      error: 'secret_missing',
    })
  })

  it('refuses a capital spelling of a right signature', async () => {
    const headers = sign(Buffer.from('{}'))
    const capital = headers['x-signature-ed25519'].toUpperCase()
    const forged = delivery({ ...headers, 'x-signature-ed25519': capital }, '{}')
    expect(await verifyDiscord(forged, publicHex, NOW_MS)).toEqual({
      ok: false,
      error: 'signature_malformed',
    })
  })
})
