/**
 * Proves who calls a hook of ours. The hook's owner chooses one way; what a caller presents in another
 * is not looked at. Signed ways are judged over the raw body, shared secrets as SHA-256 digests.
 */
import { type Bytes, concatBytes, parseBase64, toHex, utf8 } from '../../crypto/encoding.ts'
import { isEqualSecret } from '../../crypto/equal.ts'
import { isHmacSha256 } from '../../crypto/hmac.ts'
import { err, ok } from '../../domain/result.ts'
import { checkTimestamp, type Delivery, type Verified } from '../delivery.ts'
import { parseHexTag } from '../hex-tag.ts'
import { verifyHubSignature } from '../hub-signature.ts'

export const WEBHOOK_PROOFS = ['bearer', 'secret', 'timestamped', 'standard', 'hub'] as const
export type WebhookProof = (typeof WEBHOOK_PROOFS)[number]

export interface WebhookSecret {
  readonly proof: WebhookProof
  readonly secret: string
}

/** While a secret is being changed a sender signs with both; more are not needed. */
const MAX_SIGNATURES = 4

export function verifyWebhook(
  delivery: Delivery,
  { proof, secret }: WebhookSecret,
  nowMs: number,
): Promise<Verified> {
  switch (proof) {
    case 'bearer':
      return verifyShared(bearerOf(delivery.headers.get('authorization')), secret)
    case 'secret':
      return verifyShared(delivery.headers.get('x-webhook-secret'), secret)
    case 'timestamped':
      return verifyTimestamped(delivery, secret, nowMs)
    case 'standard':
      return verifyStandard(delivery, secret, nowMs)
    case 'hub':
      return verifyHubSignature(delivery, secret)
  }
}

const bearerOf = (authorization: string | null): string | null =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1] ?? null

async function verifyShared(presented: string | null, secret: string): Promise<Verified> {
  if (secret === '') return err('secret_missing')
  if (presented === null || presented === '') return err('signature_missing')
  if (!(await isEqualSecret(presented, secret))) return err('signature_wrong')
  return ok({ signedAtMs: null, replayKey: null })
}

/** `X-Webhook-Signature: t=…,v1=…`: hex HMAC-SHA256 over `t.body`. */
async function verifyTimestamped(
  { headers, body }: Delivery,
  secret: string,
  nowMs: number,
): Promise<Verified> {
  if (secret === '') return err('secret_missing')
  const header = headers.get('x-webhook-signature')
  if (header === null || header === '') return err('signature_missing')
  const fields = header.split(',').map((field) => field.trim())
  const times = fields.filter((field) => field.startsWith('t='))
  const tags = fields
    .filter((field) => field.startsWith('v1='))
    .map((field) => parseHexTag(field, 'v1='))
    .filter((tag) => tag !== null)
  // Two times would leave open which of them was signed.
  if (times.length !== 1) return err('timestamp_missing')
  if (tags.length === 0 || fields.length > 1 + MAX_SIGNATURES) return err('signature_malformed')
  const timestamp = checkTimestamp((times[0] ?? '').slice('t='.length), nowMs)
  if (!timestamp.ok) return timestamp
  const { text, ms } = timestamp.value
  const proven = await findTag(secret, concatBytes(utf8(`${text}.`), body), tags)
  if (proven === null) return err('signature_wrong')
  // Of the matching tag alone: a replay with another tag beside it must not look new.
  return ok({ signedAtMs: ms, replayKey: toHex(proven) })
}

/** An id is part of what is signed, and a key of the replay cache. */
const MESSAGE_ID = /^[\x21-\x7e]{1,256}$/
const STANDARD_PREFIX = 'whsec_'

/** standardwebhooks.com: base64 HMAC-SHA256 over `id.timestamp.body`, under the decoded secret. */
async function verifyStandard(
  { headers, body }: Delivery,
  secret: string,
  nowMs: number,
): Promise<Verified> {
  const encoded = secret.startsWith(STANDARD_PREFIX) ? secret.slice(STANDARD_PREFIX.length) : secret
  const key = parseBase64(encoded)
  if (key === null || key.length === 0) return err('secret_missing')
  const id = headers.get('webhook-id') ?? ''
  const header = headers.get('webhook-signature')
  if (header === null || header === '') return err('signature_missing')
  const signatures = header.split(' ')
  const tags = signatures
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => parseBase64(signature.slice('v1,'.length)))
    .filter((tag) => tag !== null)
  const isMalformed =
    tags.length === 0 || signatures.length > MAX_SIGNATURES || !MESSAGE_ID.test(id)
  if (isMalformed) return err('signature_malformed')
  const timestamp = checkTimestamp(headers.get('webhook-timestamp'), nowMs)
  if (!timestamp.ok) return timestamp
  const { text, ms } = timestamp.value
  const proven = await findTag(key, concatBytes(utf8(`${id}.${text}.`), body), tags)
  return proven === null ? err('signature_wrong') : ok({ signedAtMs: ms, replayKey: id })
}

/** Every tag is compared, so that the time does not tell which one was right. */
async function findTag(
  key: string | Bytes,
  message: Bytes,
  tags: readonly Uint8Array[],
): Promise<Uint8Array | null> {
  const matches = await Promise.all(tags.map((tag) => isHmacSha256(key, message, tag)))
  return tags[matches.indexOf(true)] ?? null
}
