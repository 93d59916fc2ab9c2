/** What a bot is: its token of @BotFather, and the secret that Telegram sends along with each update. */
import { z } from 'zod'

export const telegramCredentials = z.strictObject({
  bot_token: z
    .string()
    .regex(/^\d{3,20}:[\w-]{30,100}$/, 'digits, a colon and the key of @BotFather'),
  /** Sent back to us in a header; chosen by whoever sets the bot up. */
  webhook_secret: z.string().regex(/^[A-Za-z0-9_-]{24,256}$/, '24 to 256 of A-Z a-z 0-9 _ -'),
})
export type TelegramCredentials = Readonly<z.infer<typeof telegramCredentials>>

/** The bot's own id stands before the colon of its token. */
export const botIdOf = ({ bot_token: token }: TelegramCredentials): string =>
  token.slice(0, token.indexOf(':'))
