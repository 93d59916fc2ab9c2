/**
 * Browsers that ask to be let in and those that were: an admin sees where they come from and
 * decides. What a browser does before anybody decided is in `gateway/pairing.ts`.
 */
import { z } from 'zod'
import { findDevice, listDevices, revokeDevice } from '../db/devices.ts'
import { findMembership } from '../db/memberships.ts'
import {
  approvePairing,
  denyPairing,
  findPendingPairing,
  listPendingPairings,
  type Pairing,
} from '../db/pairings.ts'
import { memberIdSchema } from '../domain/channel-user.ts'
import {
  BROWSER_CHANNEL,
  checkApproval,
  DEVICE_ROLES,
  mayPair,
  PAIRING_MS,
  senderIdSchema,
} from '../domain/pairing.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { OPERATOR } from './access.ts'
import type { OperationContext } from './context.ts'
import { isBoundKey, isOfSomebodyAbove } from './key-grantee.ts'
import { openPairing } from './open-pairing.ts'
import { type Access, operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { time } from './time.ts'

/** A key that was made for just that reaches these; which operators do not is judged by `mayPair`. */
const PAIR: Access = { role: 'operator', scope: 'operator.pairing' }

const NOT_FOR_OPERATORS = refusal('UNAUTHORIZED', 'only an admin may pair devices')

/** As it is read aloud and typed: either case, with or without spaces and dashes. */
const codeSchema = z
  .string()
  .max(40)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toUpperCase())

/** What `channel` means for a device; other channels pair their senders themselves. */
const channelSchema = z.string().max(40).default(BROWSER_CHANNEL)

const shownTime = z.string()
export const devicePairRequest = operation({
  name: 'device.pair.request',
  summary: 'Asks for a browser to be let in; the secret fetches its token after an approval',
  access: { ...OPERATOR, orScopes: ['operator.pairing'] },
  answersSecret: true,
  audit: ({ senderId, channel }) => ({ senderId, channel }),
  params: z.object({ senderId: senderIdSchema, channel: channelSchema }),
  result: z.object({ code: z.string(), pairing_secret: z.string(), expires_at: shownTime }),
  http: { method: 'POST', path: '/v1/devices/pairings', status: 201 },
  run: async ({ services, principal, snapshot, report }, { senderId, channel }) => {
    if (!snapshot.config.gateway.device_pairing) {
      return err(
        refusal('FAILED_PRECONDITION', 'pairing is off: gateway.device_pairing switches it on'),
      )
    }
    if (channel !== BROWSER_CHANNEL) {
      return err(refusal('INVALID_REQUEST', `channel: devices are paired as ${BROWSER_CHANNEL}`))
    }
    const request = { senderId, address: principal.clientAddress, userAgent: '' }
    const opened = await openPairing(services, principal.tenantId, request, report)
    if (!opened.ok) return opened
    const { code, secret, expiresAt } = opened.value
    return ok({ code, pairing_secret: secret, expires_at: time(expiresAt) })
  },
})

/** Whether a code of another tenant exists is not told: it is looked for in the caller's own alone. */
async function findOpen(
  { services, principal }: OperationContext,
  code: string,
): Promise<Result<Pairing, Refusal>> {
  if (!mayPair(principal)) return err(NOT_FOR_OPERATORS)
  const { tenantId } = principal
  const db = services.database(tenantId)
  const pairing = await findPendingPairing(db, tenantId, code, services.now())
  return pairing ? ok(pairing) : err(notFound('pairing code'))
}

function tell(
  { services, principal, report }: OperationContext,
  { id, senderId, channel }: Pick<Pairing, 'id' | 'senderId' | 'channel'>,
  decision: 'approved' | 'denied' | 'revoked',
): void {
  const name = decision === 'approved' ? 'pairing_approved' : 'pairing_denied'
  report(securityEvent(name, { pairing: id, sender: senderId, decision }, 'info'))
  const payload = { senderId, channel, decision, decidedBy: principal.userId }
  const tenant = services.tenant(principal.tenantId)
  services.inBackground(tenant.publish('device.pair.resolved', payload, { kind: 'admins' }))
}

export const devicePairApprove = operation({
  name: 'device.pair.approve',
  summary: 'Lets a browser in for 30 days, as a user of its own or as a member',
  access: PAIR,
  audit: (_, { senderId, channel, user_id, role }) => ({ senderId, channel, user_id, role }),
  params: z.object({
    code: codeSchema,
    user_id: memberIdSchema.nullish(),
    role: z.enum(DEVICE_ROLES).default('operator'),
  }),
  result: z.object({
    ok: z.literal(true),
    senderId: z.string(),
    channel: z.string(),
    user_id: z.string(),
    role: z.enum(DEVICE_ROLES),
  }),
  http: { method: 'POST', path: '/v1/devices/pairings/{code}/approve' },
  run: async (context, { code, user_id, role }) => {
    const found = await findOpen(context, code)
    if (!found.ok) return found
    const { services, principal } = context
    const { tenantId } = principal
    const { id, senderId, channel } = found.value
    const wanted = { senderId, userId: user_id ?? null, role }
    const allowed = checkApproval(principal, wanted)
    if (!allowed.ok) return allowed
    if (await isBoundKey(context, tenantId)) {
      return err(refusal('UNAUTHORIZED', 'a key with lists of networks or agents lets nobody in'))
    }
    const { userId } = allowed.value
    const db = services.database(tenantId)
    if (userId === user_id && !userId.startsWith('device:')) {
      if (!(await findMembership(db, tenantId, userId))) return err(notFound('member'))
    }
    if (await isOfSomebodyAbove(context, tenantId, userId)) {
      return err(refusal('UNAUTHORIZED', 'nobody lets a device act as a person above themselves'))
    }
    const now = services.now()
    const { kind, id: credentialId, expiresAt: keyEnd } = principal.credential
    const isKey = kind === 'api_key'
    const approval = {
      ...allowed.value,
      decidedBy: principal.userId,
      decidedByKey: isKey ? credentialId : null,
      expiresAt: Math.min(now + PAIRING_MS, (isKey ? keyEnd : null) ?? Number.POSITIVE_INFINITY),
    }
    const approved = await approvePairing(db, tenantId, found.value, approval, now)
    if (!approved.ok) {
      return approved.error === 'not_open'
        ? err(notFound('pairing code'))
        : err(refusal('ALREADY_EXISTS', 'a device of this sender is paired: revoke that one first'))
    }
    tell(context, { id, senderId, channel }, 'approved')
    return ok({ ok: true as const, senderId, channel, user_id: userId, role })
  },
})

export const devicePairDeny = operation({
  name: 'device.pair.deny',
  summary: 'Turns a browser that asked away',
  access: PAIR,
  audit: (_, { senderId, channel }) => ({ senderId, channel }),
  params: z.object({ code: codeSchema }),
  result: z.object({ ok: z.literal(true), senderId: z.string(), channel: z.string() }),
  http: { method: 'POST', path: '/v1/devices/pairings/{code}/deny' },
  run: async (context, { code }) => {
    const found = await findOpen(context, code)
    if (!found.ok) return found
    const { services, principal } = context
    const { id, senderId, channel } = found.value
    const db = services.database(principal.tenantId)
    const now = services.now()
    const isDenied = await denyPairing(db, principal.tenantId, id, principal.userId, now)
    if (!isDenied) return err(notFound('pairing code'))
    tell(context, found.value, 'denied')
    return ok({ ok: true as const, senderId, channel })
  },
})

const asking = z.object({ senderId: z.string(), channel: z.string(), address: z.string() })
const pendingRow = asking.extend({
  code: z.string(),
  userAgent: z.string(),
  ageSeconds: z.number(),
  createdAt: shownTime,
  expiresAt: shownTime,
})
const pairedRow = asking.extend({
  user_id: z.string(),
  role: z.enum(DEVICE_ROLES),
  userAgent: z.string(),
  pairedBy: z.string(),
  pairedAt: shownTime,
  /** Whether its browser has fetched the token. */
  isDelivered: z.boolean(),
  expiresAt: shownTime,
})

function shownSides({ senderId, channel, address, userAgent, expiresAt }: Pairing) {
  return { senderId, channel, address, userAgent, expiresAt: time(expiresAt) }
}

export const devicePairList = operation({
  name: 'device.pair.list',
  summary: 'Browsers that ask to be let in, with address, browser and age, and those that were',
  access: PAIR,
  params: z.object({}),
  result: z.object({ pending: z.array(pendingRow), paired: z.array(pairedRow) }),
  http: { method: 'GET', path: '/v1/devices' },
  run: async ({ services, principal }) => {
    if (!mayPair(principal)) return err(NOT_FOR_OPERATORS)
    const { tenantId } = principal
    const db = services.database(tenantId)
    const now = services.now()
    const [pending, paired] = await Promise.all([
      listPendingPairings(db, tenantId, now),
      listDevices(db, tenantId, now),
    ])
    return ok({
      pending: pending.map((row) => ({
        ...shownSides(row),
        code: row.code ?? '',
        ageSeconds: Math.max(0, Math.floor((now - row.createdAt) / 1_000)),
        createdAt: time(row.createdAt),
      })),
      paired: paired.map((row) => ({
        ...shownSides(row),
        user_id: row.userId ?? '',
        role: row.status === 'approved' ? ('operator' as const) : ('viewer' as const),
        pairedBy: row.decidedBy ?? '',
        pairedAt: time(row.decidedAt ?? row.createdAt),
        isDelivered: row.tokenDeliveredAt !== null,
      })),
    })
  },
})

export const devicePairRevoke = operation({
  name: 'device.pair.revoke',
  summary: 'Ends a paired device: its sockets, requests and runs',
  access: PAIR,
  audit: ({ senderId, channel }) => ({ senderId, channel }),
  params: z.object({ senderId: senderIdSchema, channel: channelSchema }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/devices/{channel}/{senderId}' },
  run: async (context, { senderId, channel }) => {
    const { services, principal } = context
    if (!mayPair(principal)) return err(NOT_FOR_OPERATORS)
    const { tenantId, userId } = principal
    const db = services.database(tenantId)
    const sender = { channel, senderId }
    const device = await findDevice(db, tenantId, sender, services.now())
    if (!device) return err(notFound('device'))
    if (device.userId !== null && (await isOfSomebodyAbove(context, tenantId, device.userId))) {
      return err(refusal('UNAUTHORIZED', 'nobody ends the device of a person above themselves'))
    }
    const isEnded = await changeTenant(services, tenantId, () =>
      revokeDevice(db, tenantId, device.id, userId, services.now()),
    )
    if (!isEnded) return err(notFound('device'))
    tell(context, device, 'revoked')
    return ok({ ok: true as const })
  },
})
