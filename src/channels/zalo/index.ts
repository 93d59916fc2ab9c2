/** Zalo, by the webhook and the API of an official account: text, one person at a time. */
import { err, ok } from '../../domain/result.ts'
import { parseJsonBody } from '../json-body.ts'
import { ACKNOWLEDGED, type ChannelPlatform } from '../platform.ts'
import { type ZaloCredentials, zaloCredentials } from './credentials.ts'
import { normalizeZaloSender, parseZalo } from './parse.ts'
import { MAX_ZALO_CHARS, measureZalo, zaloClient } from './send.ts'
import { verifyZalo } from './verify.ts'

export const zalo: ChannelPlatform<ZaloCredentials> = {
  type: 'zalo',
  credentials: zaloCredentials,
  baseUrl: 'https://openapi.zalo.me',
  maxChunk: MAX_ZALO_CHARS,
  measure: measureZalo,
  maxFileBytes: null,
  minEditMs: null,
  normalizeSender: normalizeZaloSender,
  receive: async (delivery, credentials, { nowMs, self }) => {
    const proven = await verifyZalo(delivery, credentials, nowMs)
    if (!proven.ok) return proven
    const { signedAtMs: sentAt, replayKey } = proven.value
    const facts = { appId: credentials.app_id, sentAt, self }
    const events = parseZalo(parseJsonBody(delivery.body), facts)
    return events === null ? err('malformed') : ok({ events, answer: ACKNOWLEDGED, replayKey })
  },
  client: zaloClient,
}
