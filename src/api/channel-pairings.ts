/** Senders who ask to be let in to a channel, and those who were: an admin decides. */
import { z } from 'zod'
import {
  type ChannelPairing,
  decideChannelPairing,
  findPendingChannelPairing,
  listChannelPairings,
  revokeChannelPairing,
} from '../db/channel-pairings.ts'
import type { ChannelInstance } from '../domain/channel.ts'
import type { ReplyAddress } from '../domain/channel-event.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { ADMIN } from './access.ts'
import { channelReference, namedChannel } from './channel-instance-fields.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { time } from './time.ts'

/** As it is read aloud and typed: either case, with or without spaces and dashes. */
const codeSchema = z
  .string()
  .max(40)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toUpperCase())

const pairingRow = z.object({
  channel: z.string(),
  channel_type: z.string(),
  sender_id: z.string(),
  sender_name: z.string(),
  /** Null for who was let in. */
  code: z.string().nullable(),
  status: z.enum(['pending', 'approved']),
  created_at: z.string(),
  decided_by: z.string().nullable(),
})

export const channelPairList = operation({
  name: 'channel.pair.list',
  summary: 'Senders who wait to be let in to a channel, and those who were',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ pairings: z.array(pairingRow) }),
  http: { method: 'GET', path: '/v1/channels/pairings' },
  run: async ({ services, principal: { tenantId }, snapshot }) => {
    const found = await listChannelPairings(services.database(tenantId), tenantId, services.now())
    const nameOf = (id: string): string =>
      snapshot.channelInstances.find((instance) => instance.id === id)?.name ?? id
    return ok({
      pairings: found.map((pairing) => ({
        channel: nameOf(pairing.instanceId),
        channel_type: pairing.channel,
        sender_id: pairing.senderId,
        sender_name: pairing.displayName,
        code: pairing.code,
        status: pairing.status === 'approved' ? ('approved' as const) : ('pending' as const),
        created_at: time(pairing.createdAt),
        decided_by: pairing.decidedBy,
      })),
    })
  },
})

/** Whoever has the list of requests before them sees it change. */
function tell(
  { services, principal }: OperationContext,
  { channel, senderId }: { readonly channel: string; readonly senderId: string },
  decision: 'approved' | 'denied' | 'revoked',
): void {
  const payload = { channel, senderId, decision, decidedBy: principal.userId }
  const tenant = services.tenant(principal.tenantId)
  services.inBackground(tenant.publish('channel.pair.resolved', payload, { kind: 'admins' }))
}

interface Open {
  readonly instance: ChannelInstance
  readonly pairing: ChannelPairing
}

async function findOpen(
  { services, principal: { tenantId }, snapshot }: OperationContext,
  channel: string,
  code: string,
): Promise<Result<Open, Refusal>> {
  const found = namedChannel(snapshot, channel)
  if (!found.ok) return found
  const instance = found.value
  const place = { channel: instance.channelType, instanceId: instance.id }
  const db = services.database(tenantId)
  const pairing = await findPendingChannelPairing(db, tenantId, place, code, services.now())
  return pairing ? ok({ instance, pairing }) : err(notFound('pairing code'))
}

const decision = { channel: channelReference, code: codeSchema }
const decided = z.object({ ok: z.literal(true), sender_id: z.string(), channel: z.string() })

async function decide(
  context: OperationContext,
  { channel, code }: z.output<z.ZodObject<typeof decision>>,
  status: 'approved' | 'denied',
): Promise<Result<z.infer<typeof decided>, Refusal>> {
  const { services, principal, report } = context
  const { tenantId, userId, credential } = principal
  const open = await findOpen(context, channel, code)
  if (!open.ok) return open
  const { instance, pairing } = open.value
  const decidedByKey = credential.kind === 'api_key' ? credential.id : null
  const isDecided = await changeTenant(services, tenantId, () =>
    decideChannelPairing(
      services.database(tenantId),
      tenantId,
      pairing.id,
      { status, decidedBy: userId, decidedByKey },
      services.now(),
    ),
  )
  if (!isDecided) return err(notFound('pairing code'))
  const name = status === 'approved' ? 'pairing_approved' : 'pairing_denied'
  report(securityEvent(name, { channel: instance.id, sender: pairing.senderId }, 'info'))
  tell(context, { channel: instance.name, senderId: pairing.senderId }, status)
  if (status === 'approved' && pairing.address !== null) {
    const { lane, address } = pairing.address as { lane: string; address: ReplyAddress }
    services.inBackground(
      services.inbox(tenantId, instance.id).say({
        key: `paired:${pairing.id}`,
        lane,
        address,
        content: 'You are let in. Write to me whenever you like.',
      }),
    )
  }
  return ok({ ok: true as const, sender_id: pairing.senderId, channel: instance.name })
}

export const channelPairApprove = operation({
  name: 'channel.pair.approve',
  summary: 'Lets a sender in, by the code that the channel showed them; they are told',
  access: ADMIN,
  params: z.object(decision),
  result: decided,
  http: { method: 'POST', path: '/v1/channels/pairings/approve' },
  audit: (_, { channel, sender_id }) => ({ channel, sender: sender_id }),
  run: (context, params) => decide(context, params, 'approved'),
})

export const channelPairDeny = operation({
  name: 'channel.pair.deny',
  summary: 'Turns a sender away; until the code would have ended they cannot ask again',
  access: ADMIN,
  params: z.object(decision),
  result: decided,
  http: { method: 'POST', path: '/v1/channels/pairings/deny' },
  audit: (_, { channel, sender_id }) => ({ channel, sender: sender_id }),
  run: (context, params) => decide(context, params, 'denied'),
})

export const channelPairRevoke = operation({
  name: 'channel.pair.revoke',
  summary: 'Lets a sender out again, at once',
  access: ADMIN,
  params: z.object({ channel: channelReference, sender_id: z.string().max(400) }),
  result: decided,
  http: { method: 'POST', path: '/v1/channels/pairings/revoke' },
  audit: (_, { channel, sender_id }) => ({ channel, sender: sender_id }),
  run: async (context, { channel, sender_id: senderId }) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedChannel(snapshot, channel)
    if (!found.ok) return found
    const { id: instanceId, channelType, name } = found.value
    const isRevoked = await changeTenant(services, tenantId, () =>
      revokeChannelPairing(services.database(tenantId), tenantId, {
        channel: channelType,
        instanceId,
        senderId,
      }),
    )
    if (!isRevoked) return err(notFound('paired sender'))
    tell(context, { channel: name, senderId }, 'revoked')
    return ok({ ok: true as const, sender_id: senderId, channel: name })
  },
})
