/** What an instance of WhatsApp is given: one phone number of one Meta app. */
import { z } from 'zod'

export const whatsappCredentials = z.strictObject({
  access_token: z.string().regex(/^[\x21-\x7e]{20,1024}$/, 'the token of a system user'),
  phone_number_id: z.string().regex(/^\d{5,32}$/, 'the id of the number, not the number'),
  app_secret: z.string().regex(/^[\x21-\x7e]{16,256}$/, 'from App settings, Basic'),
  verify_token: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'of your own choice, 16 to 256 characters'),
})
export type WhatsappCredentials = Readonly<z.infer<typeof whatsappCredentials>>
