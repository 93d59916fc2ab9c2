/** WhatsApp, by Meta's Cloud API: one number, direct conversations, text and buttons. */
import { err, ok } from '../../domain/result.ts'
import { parseJsonBody } from '../json-body.ts'
import { ACKNOWLEDGED, type ChannelPlatform } from '../platform.ts'
import { type WhatsappCredentials, whatsappCredentials } from './credentials.ts'
import { MAX_WHATSAPP_CHARS, measureWhatsapp } from './dialect.ts'
import { normalizeWhatsappSender, parseValues } from './parse.ts'
import { readPayload } from './payload.ts'
import { whatsappClient } from './send.ts'
import { verifyWhatsapp, verifyWhatsappChallenge } from './verify.ts'

/** Meta repeats what was not taken for a week. What is older is a replay, by the time inside of it. */
const MAX_AGE_MS = 8 * 24 * 3_600_000

export const whatsapp: ChannelPlatform<WhatsappCredentials> = {
  type: 'whatsapp',
  credentials: whatsappCredentials,
  baseUrl: 'https://graph.facebook.com/v23.0',
  maxChunk: MAX_WHATSAPP_CHARS,
  measure: measureWhatsapp,
  maxFileBytes: null,
  minEditMs: null,
  normalizeSender: normalizeWhatsappSender,
  receive: async (delivery, credentials, { method, query, nowMs }) => {
    if (method === 'GET') {
      const challenge = await verifyWhatsappChallenge(query, credentials.verify_token)
      if (!challenge.ok) return challenge
      const answer = { status: 200, contentType: 'text/plain', body: challenge.value } as const
      return ok({ events: [], answer, replayKey: null })
    }
    const proven = await verifyWhatsapp(delivery, credentials.app_secret)
    if (!proven.ok) return proven
    const values = readPayload(parseJsonBody(delivery.body))
    if (values === null) return err('malformed')
    const events = parseValues(values, credentials.phone_number_id).filter(
      ({ sentAt }) => nowMs - (sentAt ?? 0) <= MAX_AGE_MS,
    )
    const { replayKey } = proven.value
    return ok({ events, answer: ACKNOWLEDGED, replayKey, isAgeless: true })
  },
  client: whatsappClient,
}
