/**
 * Proves that Slack sent a request: `v0=` HMAC-SHA256 over `v0:timestamp:body`
 * (docs.slack.dev, "Verifying requests from Slack"). The same for events, commands and buttons.
 */
import { concatBytes, utf8 } from '../../crypto/encoding.ts'
import { isHmacSha256 } from '../../crypto/hmac.ts'
import { err, ok } from '../../domain/result.ts'
import { checkTimestamp, type Delivery, type Verified } from '../delivery.ts'
import { parseHexTag } from '../hex-tag.ts'

const VERSION = 'v0'

export async function verifySlack(
  { headers, body }: Delivery,
  signingSecret: string,
  nowMs: number,
): Promise<Verified> {
  if (signingSecret === '') return err('secret_missing')
  const signature = headers.get('x-slack-signature')
  if (signature === null || signature === '') return err('signature_missing')
  const tag = parseHexTag(signature, `${VERSION}=`)
  if (tag === null) return err('signature_malformed')
  const timestamp = checkTimestamp(headers.get('x-slack-request-timestamp'), nowMs)
  if (!timestamp.ok) return timestamp
  const signed = concatBytes(utf8(`${VERSION}:${timestamp.value.text}:`), body)
  if (!(await isHmacSha256(signingSecret, signed, tag))) return err('signature_wrong')
  // Slack signs a retry anew: equal tags mean equal bytes at the same second.
  return ok({ signedAtMs: timestamp.value.ms, replayKey: signature })
}
