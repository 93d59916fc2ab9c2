/**
 * `X-Hub-Signature-256` (WebSub, as GitHub and Meta send it): HMAC-SHA256 over the body. It signs no
 * time, so a replay is caught by the delivery's own id, not here. The SHA-1 header is never read.
 */
import { isHmacSha256 } from '../crypto/hmac.ts'
import { err, ok } from '../domain/result.ts'
import type { Delivery, Verified } from './delivery.ts'
import { parseHexTag } from './hex-tag.ts'

const HEADER = 'x-hub-signature-256'
const PREFIX = 'sha256='

export async function verifyHubSignature(delivery: Delivery, secret: string): Promise<Verified> {
  if (secret === '') return err('secret_missing')
  const signature = delivery.headers.get(HEADER)
  if (signature === null || signature === '') return err('signature_missing')
  const tag = parseHexTag(signature, PREFIX)
  if (tag === null) return err('signature_malformed')
  if (!(await isHmacSha256(secret, delivery.body, tag))) return err('signature_wrong')
  return ok({ signedAtMs: null, replayKey: null })
}
