/** What an instance of hooks is given: how its callers prove themselves, and how it does to them. */
import { z } from 'zod'
import { parseBase64 } from '../../crypto/encoding.ts'
import { isWebhookSecret } from '../../crypto/standard-webhook.ts'
import { WEBHOOK_PROOFS } from './verify.ts'

/** Below that guessing becomes thinkable. */
const MIN_SECRET_CHARS = 24
const MIN_KEY_BYTES = 24

const printable = /^[\x21-\x7e]{24,512}$/

/** Standard Webhooks signs with the decoded bytes: short text in base64 would be a short key. */
const isStandardKey = (secret: string): boolean =>
  (parseBase64(secret.replace(/^whsec_/, ''))?.length ?? 0) >= MIN_KEY_BYTES

export const webhookCredentials = z
  .strictObject({
    proof: z.enum(WEBHOOK_PROOFS),
    secret: z.string().regex(printable, `${MIN_SECRET_CHARS} printable characters or more`),
    /** Signs what is called back. Absent: nothing is. */
    callback_secret: z
      .string()
      .refine(isWebhookSecret, 'whsec_ and the base64 of 24 to 64 bytes')
      .optional(),
  })
  .refine(({ proof, secret }) => proof !== 'standard' || isStandardKey(secret), {
    path: ['secret'],
    message: 'the base64 of 24 bytes or more, perhaps behind whsec_',
  })
  // A callback that was overheard would be a call of the hook.
  .refine(({ secret, callback_secret: callback }) => secret !== callback, {
    path: ['callback_secret'],
    message: 'another one than the secret of the hook',
  })
export type WebhookCredentials = Readonly<z.infer<typeof webhookCredentials>>
