/**
 * The way to whoever something is for, as it is at the moment it is said: by then the channel may be
 * switched off or stopped, its credentials others, and whoever it is for let out.
 */
import type { Audience, ReplyAddress } from '../../domain/channel-event.ts'
import type { ChannelDoor, OpenChannel } from '../../gateway/channels/open-channel.ts'

export interface Reached {
  readonly client: OpenChannel['client']
  readonly address: ReplyAddress
}

/**
 * Null where it may not be said now.
 *
 * @param audience null for what is said to whoever it is
 */
export type Reach = (audience: Audience | null) => Promise<Reached | null>

export const reachOver =
  (door: ChannelDoor, address: ReplyAddress): Reach =>
  async (audience) => {
    const opened = await door.open()
    if (opened.kind !== 'open') return null
    const { client, recipientOf } = opened.channel
    const to = await recipientOf(address, audience)
    return to.kind === 'open' ? { client, address: to.address } : null
  }
