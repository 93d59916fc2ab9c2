/**
 * Proves that Zalo sent an event of an official account: `X-ZEvent-Signature: mac=` SHA-256 over app id,
 * body, timestamp and the account's secret key, all concatenated (developers.zalo.me, Webhook). The
 * timestamp stands in the body alone: the one body that is looked into before it is proven.
 */
import { sha256 } from '../../crypto/digest.ts'
import { concatBytes, utf8 } from '../../crypto/encoding.ts'
import { isEqualBytes } from '../../crypto/equal.ts'
import { err, ok } from '../../domain/result.ts'
import { type Delivery, MAX_SKEW_SECONDS, type Verified } from '../delivery.ts'
import { parseHexTag } from '../hex-tag.ts'
import { parseJsonBody } from '../json-body.ts'

export interface ZaloSecret {
  readonly app_id: string
  readonly oa_secret: string
}

/** Milliseconds since 1970; some events carry a number, and its digits are what is signed. */
const UNIX_MS = /^[1-9]\d{0,14}$/

function timestampOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('timestamp' in json)) return null
  const { timestamp } = json
  return typeof timestamp === 'string' || typeof timestamp === 'number' ? String(timestamp) : null
}

export async function verifyZalo(
  { headers, body }: Delivery,
  { app_id: appId, oa_secret: secret }: ZaloSecret,
  nowMs: number,
): Promise<Verified> {
  if (appId === '' || secret === '') return err('secret_missing')
  const signature = headers.get('x-zevent-signature')
  if (signature === null || signature === '') return err('signature_missing')
  const tag = parseHexTag(signature, 'mac=')
  if (tag === null) return err('signature_malformed')
  const timestamp = timestampOf(parseJsonBody(body))
  if (timestamp === null) return err('timestamp_missing')
  if (!UNIX_MS.test(timestamp)) return err('timestamp_malformed')
  // The secret stands last, so that nothing can be appended to what was signed.
  const signed = concatBytes(utf8(appId), body, utf8(`${timestamp}${secret}`))
  if (!isEqualBytes(await sha256(signed), tag)) return err('signature_wrong')
  const ms = Number(timestamp)
  // Written so that a clock that is no number refuses.
  if (!(Math.abs(nowMs - ms) <= 1_000 * MAX_SKEW_SECONDS)) return err('timestamp_stale')
  return ok({ signedAtMs: ms, replayKey: signature })
}
