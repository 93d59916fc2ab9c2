/** What an instance of Feishu (Lark) is given: one app of its own. */
import { z } from 'zod'

const printable = /^[\x21-\x7e]{16,256}$/

export const feishuCredentials = z.strictObject({
  app_id: z.string().regex(/^cli_[A-Za-z0-9]{8,64}$/, 'cli_…, from Credentials & Basic Info'),
  app_secret: z.string().regex(printable, 'from Credentials & Basic Info'),
  verification_token: z.string().regex(printable, 'from Events & Callbacks, Encryption Strategy'),
  /** Absent: Feishu sends plain bodies and signs nothing, and the token alone is the proof. */
  encrypt_key: z
    .string()
    .regex(/^[\x21-\x7e]{8,256}$/, 'from Encryption Strategy')
    .optional(),
})
export type FeishuCredentials = Readonly<z.infer<typeof feishuCredentials>>
