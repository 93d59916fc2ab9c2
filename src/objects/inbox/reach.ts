/**
 * The way to whoever something is for, as it is at the moment it is said: by then the channel may be
 * switched off or stopped, its credentials others, and whoever it is for let out.
 */
import type { ReplyAddress, ToldTo } from '../../domain/channel-event.ts'
import type { ChannelDoor, OpenChannel } from '../../gateway/channels/open-channel.ts'

export interface Reached {
  readonly client: OpenChannel['client']
  readonly address: ReplyAddress
}

/** Null where it may not be said now. */
export type Reach = (to: ToldTo) => Promise<Reached | null>

export const reachOver =
  (door: ChannelDoor, address: ReplyAddress): Reach =>
  async (told) => {
    const opened = await door.open()
    if (opened.kind !== 'open') return null
    const { client, recipientOf } = opened.channel
    const to = await recipientOf(address, told)
    return to.kind === 'open' ? { client, address: to.address } : null
  }
