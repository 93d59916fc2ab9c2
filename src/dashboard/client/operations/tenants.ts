// Written by `npm run operations` from the registry.

export interface TenantsOperations {
  /** Creates a tenant with an agent and the demo provider */
  'tenants.create': {
    params: { name: string; slug: string }
    result: { id: string; name: string; slug: string; status: string }
  }
  /** Closes a tenant at once and erases everything of it */
  'tenants.delete': {
    params: {
      tenant_id?: string | null
      confirm: string
      without_export?: boolean | "true" | "false"
    }
    result: {
      tenant_id: string
      phase: "closing" | "objects" | "blobs" | "rows" | "tenant" | "ended"
      objects: number
      blobs: number
      rows: number
      requested_at: string
      finished_at: string | null
    }
  }
  /** How far the erasure of a tenant has come; known after its end as well */
  'tenants.deletion': {
    params: { tenant_id: string }
    result: {
      tenant_id: string
      phase: "closing" | "objects" | "blobs" | "rows" | "tenant" | "ended"
      objects: number
      blobs: number
      rows: number
      requested_at: string
      finished_at: string | null
    }
  }
  /** Everything of a tenant but its secrets, page by page */
  'tenants.export': {
    params: { tenant_id?: string | null; cursor?: string | null }
    result: { records: readonly Readonly<Record<string, unknown>>[]; next: string | null }
  }
  /** One tenant */
  'tenants.get': {
    params: { tenant_id?: string; id?: string }
    result: { id: string; name: string; slug: string; status: string }
  }
  /** All tenants of the gateway, by slug */
  'tenants.list': {
    params: { limit?: number; after?: string }
    result: { tenants: readonly { id: string; name: string; slug: string; status: string }[] }
  }
  /** The tenants that the caller belongs to */
  'tenants.mine': {
    params: Record<string, unknown>
    result: {
      is_owner: boolean
      tenants: readonly ({
        id: string
        name: string
        slug: string
        status: string
        role: "viewer" | "operator" | "admin" | "owner"
      })[]
    }
  }
  /** Renames, suspends or reinstates a tenant */
  'tenants.update': {
    params: { tenant_id?: string; id?: string; name?: string; status?: "active" | "suspended" }
    result: { id: string; name: string; slug: string; status: string }
  }
  /** Adds a member to a tenant, or changes their role */
  'tenants.users.add': {
    params: {
      tenant_id?: string | null
      user_id: string
      role?: "viewer" | "operator" | "admin" | "owner"
    }
    result: { ok: true; user_id: string; role: "viewer" | "operator" | "admin" | "owner" }
  }
  /** The members of a tenant */
  'tenants.users.list': {
    params: { tenant_id?: string | null }
    result: {
      users: readonly ({
        user_id: string
        role: "viewer" | "operator" | "admin" | "owner"
        status: "active" | "suspended"
        created_at: string
      })[]
    }
  }
  /** Lets a suspended member do again what their role allows */
  'tenants.users.reinstate': {
    params: { tenant_id?: string | null; user_id: string }
    result: { ok: true; user_id: string; status: "active" | "suspended" }
  }
  /** Removes a member from a tenant */
  'tenants.users.remove': {
    params: { tenant_id?: string | null; user_id: string }
    result: { ok: true }
  }
  /** Ends what a member may do, at once and until they are reinstated */
  'tenants.users.suspend': {
    params: { tenant_id?: string | null; user_id: string }
    result: { ok: true; user_id: string; status: "active" | "suspended" }
  }
}

export const CHOICES = {
  'tenants.update': { "status": ["active","suspended"] },
  'tenants.users.add': { "role": ["viewer","operator","admin","owner"] },
} as const
