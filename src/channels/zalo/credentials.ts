/** What an instance of Zalo is given: one official account, through one app. */
import { z } from 'zod'

export const zaloCredentials = z.strictObject({
  app_id: z.string().regex(/^\d{5,32}$/, 'the id of the app, digits'),
  oa_secret: z.string().regex(/^[\x21-\x7e]{8,256}$/, "the official account's secret key"),
  access_token: z.string().regex(/^[\x21-\x7e]{20,2048}$/, "the official account's access token"),
})
export type ZaloCredentials = Readonly<z.infer<typeof zaloCredentials>>
