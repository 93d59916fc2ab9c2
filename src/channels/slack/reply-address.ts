/** Where an answer on Slack goes, and which message of it is meant later. */
import { z } from 'zod'
import type { ReplyAddress } from '../platform.ts'
import { isChannelId, isTimestamp, isUserId } from './ids.ts'

const timestamp = z.string().refine(isTimestamp)
const addressSchema = z.object({
  /** A person stands for the conversation that the bot has with them. */
  channel: z.string().refine((id) => isChannelId(id) || isUserId(id)),
  thread: timestamp.nullable(),
})
export type SlackAddress = Readonly<z.infer<typeof addressSchema>>

export const addressFor = (channel: string, thread: string | null): ReplyAddress => ({
  channel,
  thread,
})

export const readAddress = (address: ReplyAddress): SlackAddress | null =>
  addressSchema.safeParse(address).data ?? null

/** A message is known by its channel and time: a person's id does not do for changing it. */
export const messageIdOf = (channel: string, ts: string): string => `${channel}:${ts}`

export function readMessageId(
  messageId: string,
): { readonly channel: string; readonly ts: string } | null {
  const [channel = '', ts = '', ...more] = messageId.split(':')
  return isChannelId(channel) && isTimestamp(ts) && more.length === 0 ? { channel, ts } : null
}
