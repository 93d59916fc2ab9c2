/**
 * What makes two calls of a hook one. What is signed counts before what stands beside it: an id in a
 * header that no signature covers would make every replay look new.
 */
import { sha256Hex } from '../../crypto/digest.ts'
import type { Delivery, Proven } from '../delivery.ts'
import type { WebhookProof } from './verify.ts'

/** As long as the ids of Standard Webhooks may be. */
const GIVEN_ID = /^[\x21-\x7e]{1,256}$/

/** Null for an id that is none: its sender would take two calls for one, or one for two. */
export async function deliveryIdOf(
  { headers, body }: Delivery,
  { replayKey }: Proven,
  { proof, nowMs }: { readonly proof: WebhookProof; readonly nowMs: number },
): Promise<string | null> {
  if (replayKey !== null) return replayKey
  // Nothing but the body is signed, so nothing but the body tells.
  if (proof === 'hub') return sha256Hex(body)
  const given = headers.get('webhook-id') ?? headers.get('x-webhook-id')
  if (given !== null) return GIVEN_ID.test(given) ? given : null
  // Whoever knows the secret and gives no id may mean the same thing twice.
  return `${nowMs}.${await sha256Hex(body)}`
}
