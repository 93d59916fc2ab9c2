/**
 * Links by which people become members of a tenant. The secret stands behind the `#`, which no browser
 * sends anywhere; whoever accepts proves first who they are, by a credential that says so itself.
 */
import { z } from 'zod'
import { createInvitationToken, hashInvitationToken } from '../crypto/invitation.ts'
import { newId } from '../crypto/random.ts'
import { findInvitation, findTenant } from '../db/directory.ts'
import {
  acceptInvitation,
  countOpenInvitations,
  createInvitation,
  type Invitation,
  listInvitations,
  MAX_INVITATION_PAGE,
  revokeInvitation,
} from '../db/invitations.ts'
import { type TenantId, tenantIdSchema, type UserId } from '../domain/ids.ts'
import { type Principal, ROLES, type Role } from '../domain/principal.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { OWNER, VIEWER } from './access.ts'
import type { Services } from './context.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'
import { time } from './time.ts'

const MAX_EXPIRY_SECONDS = 7 * 24 * 3_600
/** A tenant invites in waves, not without end. */
const MAX_OPEN = 500
/** No link makes an owner. */
const INVITED_ROLES = ['viewer', 'operator', 'admin'] as const

/**
 * Kinds of credentials that name a person of their own: a key speaks for its owner wherever it has
 * got to, and a device or channel for whoever holds it.
 */
const PERSONAL: ReadonlySet<string> = new Set(['gateway_token', 'jwt', 'login'])

/** The bare gateway token is the platform's operator, who is nobody of any tenant. */
const isPerson = ({ credential, isMasterScope }: Principal): boolean =>
  PERSONAL.has(credential.kind) && !isMasterScope

const STATUSES = ['open', 'accepted', 'revoked', 'expired'] as const

const statusOf = (
  { acceptedAt, revokedAt, expiresAt }: Invitation,
  now: number,
): (typeof STATUSES)[number] => {
  if (acceptedAt !== null) return 'accepted'
  if (revokedAt !== null) return 'revoked'
  return expiresAt <= now ? 'expired' : 'open'
}

const tenantParam = { tenant_id: z.string().max(100).nullish() }

export const invitationsCreate = operation({
  name: 'invitations.create',
  summary: 'Makes a link that lets one person become a member; its secret is answered this once',
  access: OWNER,
  answersSecret: true,
  params: z.object({
    ...tenantParam,
    role: z.enum(INVITED_ROLES),
    note: z.string().max(200).default(''),
    /** Seconds. */
    expires_in: z.number().int().positive().max(MAX_EXPIRY_SECONDS).nullish(),
  }),
  result: z.object({
    id: z.string(),
    role: z.enum(INVITED_ROLES),
    link: z.string(),
    token: z.string(),
    expires_at: z.string(),
  }),
  audit: ({ role }, { id }) => ({ invitation: id, role }),
  http: { method: 'POST', path: '/v1/invitations', status: 201 },
  run: async (context, { tenant_id, role, note, expires_in }) => {
    const tenantId = await reachableTenant(context, tenant_id)
    if (!tenantId.ok) return tenantId
    const { services, principal, ownOrigin } = context
    const db = services.database(tenantId.value)
    const now = services.now()
    if ((await countOpenInvitations(db, tenantId.value, now)) >= MAX_OPEN) {
      const message = `${MAX_OPEN} invitations are open already: revoke some`
      return err(refusal('RESOURCE_EXHAUSTED', message))
    }
    const { token, hash } = await createInvitationToken()
    const expiresAt = now + (expires_in ?? MAX_EXPIRY_SECONDS) * 1_000
    const createdBy = principal.userId
    const invitation = { id: newId('inv'), tokenHash: hash, role, note, createdBy, expiresAt }
    const { id } = await createInvitation(db, tenantId.value, invitation, now)
    const link = `${ownOrigin}/#/join/${token}`
    return ok({ id, role, link, token, expires_at: time(expiresAt) })
  },
})

const invitationRow = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  note: z.string(),
  status: z.enum(STATUSES),
  created_by: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
  accepted_by: z.string().nullable(),
  accepted_at: z.string().nullable(),
})

export const invitationsList = operation({
  name: 'invitations.list',
  summary: 'Invitations to the tenant, newest first, without their secrets',
  access: OWNER,
  params: z.object({
    ...tenantParam,
    limit: z.coerce.number().int().min(1).max(MAX_INVITATION_PAGE).default(100),
    /** The id that the page before ended with. */
    after: z.string().max(100).optional(),
  }),
  result: z.object({ invitations: z.array(invitationRow) }),
  http: { method: 'GET', path: '/v1/invitations' },
  run: async (context, { tenant_id, limit, after }) => {
    const tenantId = await reachableTenant(context, tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const page = after === undefined ? { limit } : { limit, after }
    const rows = await listInvitations(services.database(tenantId.value), tenantId.value, page)
    return ok({
      invitations: rows.map((row) => ({
        id: row.id,
        role: row.role,
        note: row.note,
        status: statusOf(row, services.now()),
        created_by: row.createdBy,
        created_at: time(row.createdAt),
        expires_at: time(row.expiresAt),
        accepted_by: row.acceptedBy,
        accepted_at: time(row.acceptedAt),
      })),
    })
  },
})

export const invitationsRevoke = operation({
  name: 'invitations.revoke',
  summary: 'Makes a link worthless; whoever used it stays a member',
  access: OWNER,
  params: z.object({ ...tenantParam, id: z.string().max(100) }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  audit: ({ id }) => ({ invitation: id }),
  http: { method: 'DELETE', path: '/v1/invitations/{id}' },
  run: async (context, { tenant_id, id }) => {
    const tenantId = await reachableTenant(context, tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const db = services.database(tenantId.value)
    const revoked = await revokeInvitation(db, tenantId.value, id, services.now())
    return revoked.ok ? ok({ ok: true as const, id }) : err(notFound('invitation'))
  },
})

/** What a link came to; null for one that is unknown, used, revoked or over: nothing tells them apart. */
export async function redeemInvitation(
  services: Services,
  hash: string,
  userId: UserId,
  ofTenant?: TenantId,
): Promise<{
  readonly tenantId: TenantId
  readonly tenantName: string
  readonly role: Role
} | null> {
  const invitation = await findInvitation(services.directory(), hash)
  if (!invitation || statusOf(invitation, services.now()) !== 'open') return null
  const { tenantId, id } = invitation
  if (ofTenant !== undefined && tenantId !== ofTenant) return null
  const tenant = await findTenant(services.directory(), tenantId)
  if (tenant?.status !== 'active') return null
  const accepted = await changeTenant(services, tenantId, () =>
    acceptInvitation(services.database(tenantId), tenantId, { id, userId }, services.now()),
  )
  return accepted.ok ? { tenantId, tenantName: tenant.name, role: accepted.value } : null
}

export const invitationsAccept = operation({
  name: 'invitations.accept',
  summary: 'Makes the caller a member of the tenant that the link invites to',
  access: VIEWER,
  params: z.object({ token: z.string().max(200) }),
  result: z.object({
    ok: z.literal(true),
    tenant_id: z.string(),
    tenant_name: z.string(),
    role: z.enum(ROLES),
  }),
  audit: (_params, { tenant_id, role }) => ({ tenant: tenant_id, role }),
  // Of whom somebody became a member, not of whom they came from.
  auditTenant: ({ tenant_id }) => tenantIdSchema.parse(tenant_id),
  http: { method: 'POST', path: '/v1/invitations/accept' },
  run: async ({ services, principal }, { token }) => {
    if (!isPerson(principal)) {
      const message = 'an invitation is for a person: sign in as yourself to accept it'
      return err(refusal('UNAUTHORIZED', message))
    }
    const hash = await hashInvitationToken(token)
    const redeemed = hash && (await redeemInvitation(services, hash, principal.userId))
    if (!redeemed) return err(notFound('invitation'))
    const { tenantId: tenant_id, tenantName: tenant_name, role } = redeemed
    return ok({ ok: true as const, tenant_id, tenant_name, role })
  },
})
