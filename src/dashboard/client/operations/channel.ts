// Written by `npm run operations` from the registry.

export interface ChannelOperations {
  /** Lets a sender in, by the code that the channel showed them; they are told */
  'channel.pair.approve': {
    params: { channel: string; code: string }
    result: { ok: true; sender_id: string; channel: string }
  }
  /** Turns a sender away; until the code would have ended they cannot ask again */
  'channel.pair.deny': {
    params: { channel: string; code: string }
    result: { ok: true; sender_id: string; channel: string }
  }
  /** Senders who wait to be let in to a channel, and those who were */
  'channel.pair.list': {
    params: Record<string, unknown>
    result: {
      pairings: readonly ({
        channel: string
        channel_type: string
        sender_id: string
        sender_name: string
        code: string | null
        status: "pending" | "approved"
        created_at: string
        decided_by: string | null
      })[]
    }
  }
  /** Lets a sender out again, at once */
  'channel.pair.revoke': {
    params: { channel: string; sender_id: string }
    result: { ok: true; sender_id: string; channel: string }
  }
}
