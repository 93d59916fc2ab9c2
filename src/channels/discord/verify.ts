/**
 * Proves that Discord sent an interaction: Ed25519 over timestamp and body with the application's
 * public key. Discord probes the endpoint with wrong signatures and expects 401 for each.
 */

import { isEd25519Signature } from '../../crypto/ed25519.ts'
import { concatBytes, parseHex, utf8 } from '../../crypto/encoding.ts'
import { err, ok } from '../../domain/result.ts'
import { checkTimestamp, type Delivery, type Verified } from '../delivery.ts'

/** Lower case, as Discord writes them: one signature has one spelling. */
const HEX_SIGNATURE = /^[0-9a-f]{128}$/

export async function verifyDiscord(
  { headers, body }: Delivery,
  publicKeyHex: string,
  nowMs: number,
): Promise<Verified> {
  const publicKey = parseHex(publicKeyHex)
  if (publicKey === null || publicKey.length === 0) return err('secret_missing')
  const signature = headers.get('x-signature-ed25519')
  if (signature === null || signature === '') return err('signature_missing')
  const bytes = HEX_SIGNATURE.test(signature) ? parseHex(signature) : null
  if (bytes === null) return err('signature_malformed')
  const timestamp = checkTimestamp(headers.get('x-signature-timestamp'), nowMs)
  if (!timestamp.ok) return timestamp
  const signed = concatBytes(utf8(timestamp.value.text), body)
  if (!(await isEd25519Signature(publicKey, signed, bytes))) return err('signature_wrong')
  return ok({ signedAtMs: timestamp.value.ms, replayKey: signature })
}
