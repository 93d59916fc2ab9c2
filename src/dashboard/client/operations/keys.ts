// Written by `npm run operations` from the registry.

export interface KeysOperations {
  /** Brings every stored secret under the current encryption key, or goes on with that */
  'keys.rotate': {
    params: Record<string, unknown>
    result: {
      id: string
      rewritten: number
      failed: number
      remaining: number
      pass: number
      started_at: string
      finished_at: string | null
    }
  }
  /** How far the last rotation of the encryption key has come */
  'keys.rotation': {
    params: Record<string, unknown>
    result: {
      rotation: {
        id: string
        rewritten: number
        failed: number
        remaining: number
        pass: number
        started_at: string
        finished_at: string | null
      } | null
    }
  }
}
