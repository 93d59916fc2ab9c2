// Written by `npm run operations` from the registry.

export interface LogsOperations {
  /** The last lines of the tenant’s log; a control socket may go on hearing them as events */
  'logs.tail': {
    params: {
      limit?: number
      after?: number
      level?: "info" | "warn" | "error"
      follow?: boolean
    }
    result: {
      lines: readonly ({
        seq: number
        created_at: string
        level: "info" | "warn" | "error"
        event: string
        fields: Readonly<Record<string, unknown>>
      })[]
      next: number
      following: boolean
    }
  }
}

export const CHOICES = {
  'logs.tail': { "level": ["info","warn","error"] },
} as const
