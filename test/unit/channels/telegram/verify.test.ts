import { describe, expect, it } from 'vitest'
import { verifyTelegram } from '../../../../src/channels/telegram/verify.ts'
import { delivery, holdsAsProof } from '../proof.ts'

const SECRET = 'a_webhook-Secret7'
const HEADER = 'x-telegram-bot-api-secret-token'

describe("Telegram's secret token", () => {
  holdsAsProof({
    secret: SECRET,
    sign: () => ({ [HEADER]: SECRET }),
    verify: verifyTelegram,
    signsBody: false,
    signsTime: false,
  })

  it('is compared whole: neither a beginning nor more passes', async () => {
    for (const presented of [SECRET.slice(0, -1), `${SECRET}0`, SECRET.toUpperCase()]) {
      expect(await verifyTelegram(delivery({ [HEADER]: presented }, '{}'), SECRET)).toEqual({
        ok: false,
        error: 'signature_wrong',
      })
    }
  })
})
