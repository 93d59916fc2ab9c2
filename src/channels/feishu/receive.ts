/**
 * One request of Feishu, opened and proven. With an encrypt key everything is sealed, and signed but
 * for the check of the address, whose token inside is then the proof; an unsigned body that proves
 * nothing else looks the same from outside, whatever is wrong with it.
 */
import { err, ok, type Result } from '../../domain/result.ts'
import type { Delivery, Proven, SignatureRefusal } from '../delivery.ts'
import { parseJsonBody, parseJsonText } from '../json-body.ts'
import {
  ACKNOWLEDGED,
  type PlatformAnswer,
  type Received,
  type ReceiveFacts,
  type ReceiveRefusal,
} from '../platform.ts'
import type { FeishuCredentials } from './credentials.ts'
import { decryptFeishu } from './decrypt.ts'
import { parseFeishu } from './parse.ts'
import { challengeSchema, encryptedSchema, eventSchema } from './payload.ts'
import { verifyFeishu, verifyFeishuToken } from './verify.ts'

export async function receiveFeishu(
  delivery: Delivery,
  credentials: FeishuCredentials,
  { nowMs, self }: ReceiveFacts,
): Promise<Result<Received, ReceiveRefusal>> {
  const { verification_token: token, encrypt_key: key } = credentials
  const proven = key === undefined ? null : await verifyFeishu(delivery, key, nowMs)
  const isUnsigned = proven?.ok === false && proven.error === 'signature_missing'
  if (proven?.ok === false && !isUnsigned) return proven
  const opened = await open(delivery, key)
  const challenge = challengeSchema.safeParse(opened.ok ? opened.value : null).data
  if (challenge !== undefined) {
    const known = await verifyFeishuToken(challenge.token, token)
    if (!known.ok) return isUnsigned ? err('signature_missing') : known
    return ok({ events: [], answer: challenged(challenge.challenge), replayKey: null })
  }
  if (isUnsigned) return err('signature_missing')
  if (!opened.ok) return opened
  const event = eventSchema.safeParse(opened.value).data
  if (event === undefined) return err('malformed')
  const known = await verifyFeishuToken(event.header.token, token)
  if (!known.ok) return known
  if (event.header.app_id !== credentials.app_id) return err('malformed')
  const { replayKey } = provenOf(proven)
  return ok({ events: parseFeishu(event, self), answer: ACKNOWLEDGED, replayKey })
}

const provenOf = (proven: Result<Proven, SignatureRefusal> | null): Proven =>
  proven?.ok ? proven.value : { signedAtMs: null, replayKey: null }

/** What is sealed without a key of ours, and plain where there is one, is refused alike. */
async function open(
  { body }: Delivery,
  key: string | undefined,
): Promise<Result<unknown, ReceiveRefusal>> {
  const json = parseJsonBody(body)
  const sealed = encryptedSchema.safeParse(json).data
  if (key === undefined) return sealed === undefined ? ok(json) : err('secret_missing')
  if (sealed === undefined) return err('malformed')
  const text = await decryptFeishu(sealed.encrypt, key)
  return text === null ? err('malformed') : ok(parseJsonText(text))
}

const challenged = (challenge: string): PlatformAnswer => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify({ challenge }),
})
