// Written by `npm run operations` from the registry.

export interface AuditOperations {
  /** A page of the audit trail as NDJSON, each line with its record as written and its MACs */
  'audit.export': {
    params: {
      tenant_id?: string | null
      platform?: string | boolean | null
      limit?: number
      after?: number | null
    }
    result: {
      ndjson: string
      next: number | null
      head: { sequence: number; mac: string }
      checkpoint: { sequence: number; mac: string }
    }
  }
  /** The audit trail: newest first, or oldest first from behind `after` */
  'audit.list': {
    params: {
      tenant_id?: string | null
      platform?: string | boolean | null
      limit?: number
      after?: number | null
      before?: number | null
      kind?: "change" | "event" | null
    }
    result: { records: readonly Readonly<Record<string, unknown>>[]; next: number | null }
  }
  /** Walks the audit trail from its checkpoint to its head and says whether it is whole */
  'audit.verify': {
    params: {
      tenant_id?: string | null
      platform?: string | boolean | null
      after?: number | null
    }
    result: {
      ok: boolean
      checked: number
      unverified: number
      head: number
      checkpoint: number
      firstBroken: { sequence: number; fault: string } | null
    }
  }
}
