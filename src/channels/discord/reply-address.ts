/**
 * Where an answer to an interaction goes: for a quarter of an hour through its own token, then to the
 * channel as the bot. The token is a secret of that quarter of an hour, and worth nothing after it.
 */
import { z } from 'zod'
import type { ReplyAddress } from '../platform.ts'
import type { Interaction } from './interaction.ts'

/** Discord says fifteen minutes; half of one is kept for the way. */
const TOKEN_MS = 14.5 * 60_000

const addressSchema = z.object({
  channel: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable(),
  token: z.string(),
  tokenUntilMs: z.number(),
})
export type DiscordAddress = z.infer<typeof addressSchema>

export const addressFor = (
  { channel_id: channel, token }: Interaction,
  signedAtMs: number,
): ReplyAddress => ({ channel: channel ?? null, token, tokenUntilMs: signedAtMs + TOKEN_MS })

export const readAddress = (address: ReplyAddress): DiscordAddress | null =>
  addressSchema.safeParse(address).data ?? null
