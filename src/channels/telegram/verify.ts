/**
 * Proves that an update comes through the webhook we registered: Telegram repeats the `secret_token`
 * of setWebhook in a header (core.telegram.org/bots/api#setwebhook). It signs neither body nor time.
 */
import { isEqualSecret } from '../../crypto/equal.ts'
import { err, ok } from '../../domain/result.ts'
import type { Delivery, Verified } from '../delivery.ts'

export async function verifyTelegram(
  { headers }: Delivery,
  webhookSecret: string,
): Promise<Verified> {
  if (webhookSecret === '') return err('secret_missing')
  const presented = headers.get('x-telegram-bot-api-secret-token')
  if (presented === null || presented === '') return err('signature_missing')
  if (!(await isEqualSecret(presented, webhookSecret))) return err('signature_wrong')
  return ok({ signedAtMs: null, replayKey: null })
}
