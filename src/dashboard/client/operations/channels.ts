// Written by `npm run operations` from the registry.

export interface ChannelsOperations {
  /** Drops messages that could not be answered */
  'channels.deliveries.discard': {
    params: { id: string; deliveries: readonly number[] }
    result: { discarded: number }
  }
  /** Messages of a channel that could not be answered, newest first */
  'channels.deliveries.list': {
    params: { id: string }
    result: {
      deliveries: readonly {
        id: number
        delivery_id: string
        conversation: string
        sender_id: string
        text: string
        error: string
        received_at: string
        attempts: number
      }[]
    }
  }
  /** Begins messages anew that could not be answered; what was answered is only sent again */
  'channels.deliveries.replay': {
    params: { id: string; deliveries?: readonly number[] }
    result: { replayed: number }
  }
  /** Connects a chat platform; the answer holds the address that it is to deliver to */
  'channels.instances.create': {
    params: {
      name: string
      display_name?: string
      channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
      agent_id: string
      enabled?: boolean
      credentials: Readonly<Record<string, string>>
      config?: Readonly<Record<string, unknown>>
    }
    result: {
      id: string
      name: string
      display_name: string
      channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
      agent_id: string
      enabled: boolean
      webhook_url: string
      credentials: Readonly<Record<string, string>>
      config: Readonly<Record<string, unknown>>
      bot: { id: string; username: string | null } | null
      revision: number
    }
  }
  /** Disconnects a platform, with whoever was paired through it and what waits there */
  'channels.instances.delete': {
    params: { id: string }
    result: { ok: true; id: string }
  }
  /** One channel instance with its settings; credentials are masked */
  'channels.instances.get': {
    params: { id: string }
    result: {
      id: string
      name: string
      display_name: string
      channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
      agent_id: string
      enabled: boolean
      webhook_url: string
      credentials: Readonly<Record<string, string>>
      config: Readonly<Record<string, unknown>>
      bot: { id: string; username: string | null } | null
      revision: number
    }
  }
  /** Channel instances with their settings; credentials are masked */
  'channels.instances.list': {
    params: Record<string, unknown>
    result: {
      instances: readonly ({
        id: string
        name: string
        display_name: string
        channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
        agent_id: string
        enabled: boolean
        webhook_url: string
        credentials: Readonly<Record<string, string>>
        config: Readonly<Record<string, unknown>>
        bot: { id: string; username: string | null } | null
        revision: number
      })[]
    }
  }
  /** Asks the platform who the channel is, and tells it where to deliver */
  'channels.instances.test': {
    params: { id: string }
    result: {
      ok: boolean
      bot: { id: string; username: string | null } | null
      registered: boolean | null
      error: string | null
    }
  }
  /** Changes a channel; another address erases its credentials unless they come anew */
  'channels.instances.update': {
    params: {
      id: string
      display_name?: string
      agent_id?: string
      enabled?: boolean
      credentials?: Readonly<Record<string, string>>
      config?: Readonly<Record<string, unknown>>
      revision?: number
    }
    result: {
      id: string
      name: string
      display_name: string
      channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
      agent_id: string
      enabled: boolean
      webhook_url: string
      credentials: Readonly<Record<string, string>>
      config: Readonly<Record<string, unknown>>
      bot: { id: string; username: string | null } | null
      revision: number
    }
  }
  /** The chat platforms that the tenant is connected to */
  'channels.list': {
    params: Record<string, unknown>
    result: {
      channels: readonly ({
        id: string
        name: string
        display_name: string
        channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
        agent_id: string
        enabled: boolean
      })[]
    }
  }
  /** Begins the installation of a Slack app: the address that the admin opens in a browser */
  'channels.slack.install': {
    params: {
      name: string
      display_name?: string
      agent_id: string
      enabled?: boolean
      config?: Readonly<Record<string, unknown>>
      client_id: string
      client_secret: string
      signing_secret: string
      team?: string
    }
    result: { authorization_url: string; expires_at: string }
  }
  /** Ends the installation with the code that the page of the gateway showed */
  'channels.slack.installed': {
    params: { code: string }
    result: {
      channel: {
        id: string
        name: string
        display_name: string
        channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
        agent_id: string
        enabled: boolean
        webhook_url: string
        credentials: Readonly<Record<string, string>>
        config: Readonly<Record<string, unknown>>
        bot: { id: string; username: string | null } | null
        revision: number
      }
      team: string | null
      missing_scopes: readonly string[]
    }
  }
  /** How each channel is: what waits, what failed, and the last error */
  'channels.status': {
    params: Record<string, unknown>
    result: {
      channels: readonly ({
        id: string
        name: string
        display_name: string
        channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
        agent_id: string
        enabled: boolean
        health: {
          waiting: number
          dead: number
          unknown: number
          last_received_at: string | null
          last_sent_at: string | null
          last_error: { at: string; message: string } | null
        }
      })[]
    }
  }
  /** Switches a channel on or off, at once */
  'channels.toggle': {
    params: { id: string; enabled: boolean }
    result: {
      id: string
      name: string
      display_name: string
      channel_type: "slack" | "telegram" | "discord" | "whatsapp" | "feishu" | "zalo" | "webhook"
      agent_id: string
      enabled: boolean
      webhook_url: string
      credentials: Readonly<Record<string, string>>
      config: Readonly<Record<string, unknown>>
      bot: { id: string; username: string | null } | null
      revision: number
    }
  }
}

export const CHOICES = {
  'channels.instances.create': { "channel_type": ["slack","telegram","discord","whatsapp","feishu","zalo","webhook"] },
} as const
