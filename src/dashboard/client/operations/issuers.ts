// Written by `npm run operations` from the registry.

export interface IssuersOperations {
  /** Accepts the tokens of an issuer; with a client id people can sign in through it */
  'issuers.create': {
    params: {
      name: string
      issuer: string
      audience: string
      jwks_url?: string | null
      algorithms?: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA")[]
      provision_role?: "viewer" | "operator" | null
      role_mapping?: {
        claim: string
        values: Readonly<Record<string, "viewer" | "operator" | "admin">>
      } | null
      proves_owners?: boolean
      client_id?: string | null
      client_secret?: string
      sign_in_origin?: string | null
      allow_private_network?: boolean
      enabled?: boolean
      kind?: "oidc" | "cloudflare_access"
    }
    result: {
      id: string
      name: string
      issuer: string
      audience: string
      jwks_url: string
      algorithms: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA")[]
      provision_role: string | null
      role_mapping: {
        claim: string
        values: Readonly<Record<string, "viewer" | "operator" | "admin">>
      } | null
      proves_owners: boolean
      client_id: string | null
      client_secret: string
      sign_in_origin: string | null
      allow_private_network: boolean
      enabled: boolean
      kind: "oidc" | "cloudflare_access"
      created_at: string
      updated_at: string
    }
  }
  /** Deletes an issuer: whoever came in through it is out */
  'issuers.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** The issuers whose tokens and sign-ins the tenant accepts */
  'issuers.list': {
    params: Record<string, unknown>
    result: {
      issuers: readonly ({
        id: string
        name: string
        issuer: string
        audience: string
        jwks_url: string
        algorithms: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA")[]
        provision_role: string | null
        role_mapping: {
          claim: string
          values: Readonly<Record<string, "viewer" | "operator" | "admin">>
        } | null
        proves_owners: boolean
        client_id: string | null
        client_secret: string
        sign_in_origin: string | null
        allow_private_network: boolean
        enabled: boolean
        kind: "oidc" | "cloudflare_access"
        created_at: string
        updated_at: string
      })[]
    }
  }
  /** Asks an issuer, as its row stands, for its document and keys */
  'issuers.test': {
    params: { id: string }
    result: { ok: boolean; keys: number; can_sign_in: boolean; problem: string | null }
  }
  /** Changes an issuer: what came in through it signs in anew, and another address erases its secret */
  'issuers.update': {
    params: {
      name?: string
      issuer?: string
      audience?: string
      jwks_url?: string
      algorithms?: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA")[]
      provision_role?: "viewer" | "operator" | null
      role_mapping?: {
        claim: string
        values: Readonly<Record<string, "viewer" | "operator" | "admin">>
      } | null
      proves_owners?: boolean
      client_id?: string | null
      client_secret?: string
      sign_in_origin?: string | null
      allow_private_network?: boolean
      enabled?: boolean
      id: string
    }
    result: {
      id: string
      name: string
      issuer: string
      audience: string
      jwks_url: string
      algorithms: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA")[]
      provision_role: string | null
      role_mapping: {
        claim: string
        values: Readonly<Record<string, "viewer" | "operator" | "admin">>
      } | null
      proves_owners: boolean
      client_id: string | null
      client_secret: string
      sign_in_origin: string | null
      allow_private_network: boolean
      enabled: boolean
      kind: "oidc" | "cloudflare_access"
      created_at: string
      updated_at: string
    }
  }
}

export const CHOICES = {
  'issuers.create': { "kind": ["oidc","cloudflare_access"] },
} as const
