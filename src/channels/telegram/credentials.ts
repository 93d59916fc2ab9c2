/** What an instance of Telegram is given. */
import { z } from 'zod'

export const telegramCredentials = z.strictObject({
  bot_token: z.string().regex(/^\d{6,16}:[A-Za-z0-9_-]{35,64}$/, 'the token that BotFather gave'),
  webhook_secret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{24,256}$/, 'of your own choice: 24 to 256 of A-Z a-z 0-9 _ -'),
})
export type TelegramCredentials = Readonly<z.infer<typeof telegramCredentials>>

/** A token begins with the id of its bot. */
export const botIdOf = ({ bot_token: token }: TelegramCredentials): string =>
  token.slice(0, token.indexOf(':'))
