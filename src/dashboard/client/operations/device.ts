// Written by `npm run operations` from the registry.

export interface DeviceOperations {
  /** Lets a browser in for 30 days, as a user of its own or as a member */
  'device.pair.approve': {
    params: { code: string; user_id?: string | null; role?: "viewer" | "operator" }
    result: {
      ok: true
      senderId: string
      channel: string
      user_id: string
      role: "viewer" | "operator"
    }
  }
  /** Turns a browser that asked away */
  'device.pair.deny': {
    params: { code: string }
    result: { ok: true; senderId: string; channel: string }
  }
  /** Browsers that ask to be let in, with address, browser and age, and those that were */
  'device.pair.list': {
    params: Record<string, unknown>
    result: {
      pending: readonly {
        senderId: string
        channel: string
        address: string
        code: string
        userAgent: string
        ageSeconds: number
        createdAt: string
        expiresAt: string
      }[]
      paired: readonly ({
        senderId: string
        channel: string
        address: string
        user_id: string
        role: "viewer" | "operator"
        userAgent: string
        pairedBy: string
        pairedAt: string
        isDelivered: boolean
        expiresAt: string
      })[]
    }
  }
  /** Asks for a browser to be let in; the secret fetches its token after an approval */
  'device.pair.request': {
    params: { senderId: string; channel?: string }
    result: { code: string; pairing_secret: string; expires_at: string }
  }
  /** Ends a paired device: its sockets, requests and runs */
  'device.pair.revoke': {
    params: { senderId: string; channel?: string }
    result: { ok: true }
  }
}

export const CHOICES = {
  'device.pair.approve': { "role": ["viewer","operator"] },
} as const
