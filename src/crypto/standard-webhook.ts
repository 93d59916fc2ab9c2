/** Signatures as Standard Webhooks has them (symmetric, `v1`): id, time and body, each as it is sent. */
import { concatBytes, parseBase64, toBase64, utf8 } from './encoding.ts'
import { hmacSha256 } from './hmac.ts'
import { randomBytes } from './random.ts'

const PREFIX = 'whsec_'
/** The specification's bounds of a key. */
const MIN_KEY_BYTES = 24
const MAX_KEY_BYTES = 64

export const newWebhookSecret = (): string => `${PREFIX}${toBase64(randomBytes(32))}`

const keyOf = (secret: string) =>
  secret.startsWith(PREFIX) ? parseBase64(secret.slice(PREFIX.length)) : null

export function isWebhookSecret(secret: string): boolean {
  const { length = 0 } = keyOf(secret) ?? {}
  return length >= MIN_KEY_BYTES && length <= MAX_KEY_BYTES
}

/** @throws for a secret that `isWebhookSecret` refuses */
export async function signWebhook(
  secret: string,
  { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string },
): Promise<Readonly<Record<string, string>>> {
  const key = keyOf(secret)
  if (key === null) throw new RangeError('not a webhook secret')
  const mac = await hmacSha256(key, concatBytes(utf8(`${id}.${seconds}.`), utf8(body)))
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${toBase64(mac)}`,
  }
}
