// Written by `npm run operations` from the registry.

export interface ApiKeysOperations {
  /** Creates an API key; it is answered this once. Made by a key, it lives no longer than that one */
  'api_keys.create': {
    params: {
      name: string
      scopes: readonly ("operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing")[]
      expires_in?: number | null
      owner_id?: string | null
      tenant_id?: string | null
      allowed_networks?: readonly string[] | null
      allowed_agents?: readonly string[] | null
    }
    result: {
      id: string
      name: string
      prefix: string
      key: string
      scopes: readonly ("operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing")[]
      expires_at: string | null
      created_at: string
    }
  }
  /** The API keys of the tenant, newest first, without their secrets */
  'api_keys.list': {
    params: { tenant_id?: string | null; limit?: number; after?: string }
    result: {
      keys: readonly ({
        id: string
        name: string
        prefix: string
        scopes: readonly ("operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing")[]
        owner_id: string
        created_by_key: string | null
        allowed_networks: readonly string[] | null
        allowed_agents: readonly string[] | null
        rotated_to: string | null
        expires_at: string | null
        revoked: boolean
        last_used_at: string | null
        created_at: string
      })[]
    }
  }
  /** Revokes an API key and all keys that it made: their requests, sockets and runs end */
  'api_keys.revoke': {
    params: { id: string; tenant_id?: string | null }
    result: { ok: true; id: string }
  }
  /** Makes a successor of an API key, which ends after the overlap; it is answered this once */
  'api_keys.rotate': {
    params: { id: string; overlap_seconds?: number; tenant_id?: string | null }
    result: {
      id: string
      name: string
      prefix: string
      key: string
      scopes: readonly ("operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing")[]
      expires_at: string | null
      created_at: string
      replaces: { id: string; expires_at: string | null }
    }
  }
}
