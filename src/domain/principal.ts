/** Who is asking, as established once by `transport/` and handed on unchanged. */
import { z } from 'zod'
import { agentIdSchema, tenantIdSchema, userIdSchema } from './ids.ts'

/** Ascending: a role may do whatever the roles before it may. */
export const ROLES = ['viewer', 'operator', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

export const SCOPES = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
] as const
export type Scope = (typeof SCOPES)[number]

export const CREDENTIAL_KINDS = [
  'gateway_token',
  'api_key',
  'jwt',
  /** A person who signed in at the gateway's own page. */
  'login',
  'device',
  'channel',
  'development',
] as const

export const principalSchema = z.object({
  tenantId: tenantIdSchema,
  userId: userIdSchema,
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)).readonly(),
  /** The platform operator, who is no role of a tenant: the gateway token acting as an owner id. */
  isMasterScope: z.boolean(),
  credential: z.object({
    kind: z.enum(CREDENTIAL_KINDS),
    /** Names the credential without revealing it: a key id, an issuer, `gateway`. */
    id: z.string(),
    expiresAt: z.number().nullable(),
    /** Of the row that vouches, where a change of it ends the credential. */
    revision: z.number().optional(),
    /**
     * Of a schedule that a person made while they were signed in: sign-ins end, the person's membership
     * goes on. It holds as long as that does, and as their issuer's row stays as it was.
     */
    standing: z.object({ issuerId: z.string(), revision: z.number() }).optional(),
  }),
  /** The tenant's `authVersion` under which the credential was found valid. */
  authVersion: z.number().int(),
  clientAddress: z.string(),
  /** Ids of the agents that the credential reaches; null: every one, as for whatever an older version stored. */
  allowedAgents: z.array(agentIdSchema).readonly().nullable().default(null),
  /** Where a channel message came from; null for sockets and HTTP. */
  channel: z
    .object({
      name: z.string(),
      instanceId: z.string(),
      senderId: z.string(),
      senderName: z.string().nullable().optional(),
      /** Of a group's conversation: every member acts in the group's name there. */
      groupId: z.string().optional(),
    })
    .nullable(),
})
export type Principal = z.infer<typeof principalSchema>

export const isHigher = (role: Role, than: Role): boolean =>
  ROLES.indexOf(role) > ROLES.indexOf(than)

export const lowerRole = (one: Role, other: Role): Role => (isHigher(one, other) ? other : one)

export const hasRole = (principal: Principal, least: Role): boolean =>
  ROLES.indexOf(principal.role) >= ROLES.indexOf(least)

/** `operator.admin` is every scope; who may write may read. Approvals and pairing stand alone. */
export function coversScope(held: readonly Scope[], needed: Scope): boolean {
  if (held.includes('operator.admin') || held.includes(needed)) return true
  return needed === 'operator.read' && held.includes('operator.write')
}

/** Whether `one` may do at least what `other` may: no words of its go where they would reach further. */
export const reachesAsFar = (one: Principal, other: Principal): boolean =>
  (one.isMasterScope || !other.isMasterScope) &&
  !isHigher(other.role, one.role) &&
  other.scopes.every((scope) => coversScope(one.scopes, scope)) &&
  (one.allowedAgents === null ||
    (other.allowedAgents?.every((agent) => one.allowedAgents?.includes(agent)) ?? false))

export const isTenantAdmin = (principal: Principal): boolean => hasRole(principal, 'admin')

/** For what concerns the tenant as a whole, beyond any list of agents that a credential has. */
export const actsForTenant = (principal: Principal): boolean =>
  isTenantAdmin(principal) && principal.allowedAgents === null

/**
 * Who answers questions about other people's tool calls: admins, and keys that an admin made for just
 * that. A person's role of operator alone does not: operators are who the questions are about.
 */
export const isApprover = (principal: Principal): boolean =>
  isTenantAdmin(principal) ||
  (principal.credential.kind === 'api_key' && principal.scopes.includes('operator.approvals'))
