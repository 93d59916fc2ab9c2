// Written by `npm run operations` from the registry.

export interface InvitationsOperations {
  /** Makes the caller a member of the tenant that the link invites to */
  'invitations.accept': {
    params: { token: string }
    result: {
      ok: true
      tenant_id: string
      tenant_name: string
      role: "viewer" | "operator" | "admin" | "owner"
    }
  }
  /** Makes a link that lets one person become a member; its secret is answered this once */
  'invitations.create': {
    params: {
      tenant_id?: string | null
      role: "viewer" | "operator" | "admin"
      note?: string
      expires_in?: number | null
    }
    result: {
      id: string
      role: "viewer" | "operator" | "admin"
      link: string
      token: string
      expires_at: string
    }
  }
  /** Invitations to the tenant, newest first, without their secrets */
  'invitations.list': {
    params: { tenant_id?: string | null; limit?: number; after?: string }
    result: {
      invitations: readonly ({
        id: string
        role: "viewer" | "operator" | "admin" | "owner"
        note: string
        status: "open" | "accepted" | "revoked" | "expired"
        created_by: string
        created_at: string
        expires_at: string
        accepted_by: string | null
        accepted_at: string | null
      })[]
    }
  }
  /** Makes a link worthless; whoever used it stays a member */
  'invitations.revoke': {
    params: { tenant_id?: string | null; id: string }
    result: { ok: true; id: string }
  }
}

export const CHOICES = {
  'invitations.create': { "role": ["viewer","operator","admin"] },
} as const
