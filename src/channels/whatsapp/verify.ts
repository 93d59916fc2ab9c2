/**
 * Proves that Meta sent a WhatsApp delivery (`X-Hub-Signature-256` with the app secret), and answers
 * the GET by which Meta checks that the webhook is ours.
 */
import { isEqualSecret } from '../../crypto/equal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { Delivery, SignatureRefusal, Verified } from '../delivery.ts'
import { verifyHubSignature } from '../hub-signature.ts'

export const verifyWhatsapp = (delivery: Delivery, appSecret: string): Promise<Verified> =>
  verifyHubSignature(delivery, appSecret)

/** Meta sends a number; anything else would be an echo of foreign text under our name. */
const CHALLENGE = /^[A-Za-z0-9_-]{1,256}$/

/** The challenge to answer with, when the verify token is the one we gave Meta. */
export async function verifyWhatsappChallenge(
  query: URLSearchParams,
  verifyToken: string,
): Promise<Result<string, SignatureRefusal>> {
  if (verifyToken === '') return err('secret_missing')
  const presented = query.get('hub.verify_token')
  if (presented === null || presented === '') return err('signature_missing')
  const challenge = query.get('hub.challenge') ?? ''
  if (query.get('hub.mode') !== 'subscribe' || !CHALLENGE.test(challenge)) {
    return err('signature_malformed')
  }
  return (await isEqualSecret(presented, verifyToken)) ? ok(challenge) : err('signature_wrong')
}
