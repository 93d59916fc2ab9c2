// Written by `npm run operations` from the registry.

export interface SendOperations {
  /** Delivers a message into a conversation, here or in a channel, without starting a run */
  'send': {
    params: { sessionKey?: string; key?: string; message: string; channel?: string; to?: string }
    result: { ok: true; sessionKey?: string; channel?: string }
  }
}
