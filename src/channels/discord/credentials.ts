/** What an instance of Discord is given. */
import { z } from 'zod'

export const discordCredentials = z.strictObject({
  application_id: z.string().regex(/^\d{15,20}$/, 'digits, from General Information'),
  public_key: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits, from General Information'),
  bot_token: z.string().regex(/^[\x21-\x7e]{20,200}$/, 'the token, without `Bot`'),
})
export type DiscordCredentials = Readonly<z.infer<typeof discordCredentials>>
