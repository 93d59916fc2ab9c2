/** How the channels are: what waits, what could not be answered, and beginning that anew. */
import { z } from 'zod'
import { ok } from '../domain/result.ts'
import { ADMIN, VIEWER } from './access.ts'
import {
  channelReference,
  listedChannel,
  namedChannel,
  toListedChannel,
} from './channel-instance-fields.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'

const MAX_LISTED = 100

const health = z.object({
  waiting: z.number(),
  dead: z.number(),
  /** Answers of which nobody knows whether they arrived. */
  unknown: z.number(),
  last_received_at: z.string().nullable(),
  last_sent_at: z.string().nullable(),
  last_error: z.object({ at: z.string(), message: z.string() }).nullable(),
})

const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))

export const channelsStatus = operation({
  name: 'channels.status',
  summary: 'How each channel is: what waits, what failed, and the last error',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ channels: z.array(listedChannel.extend({ health })) }),
  http: { method: 'GET', path: '/v1/channels/status' },
  run: async ({ services, principal: { tenantId, allowedAgents }, snapshot }) => {
    const seen = snapshot.channelInstances.filter(
      ({ agentId }) => allowedAgents === null || allowedAgents.includes(agentId),
    )
    const channels = await Promise.all(
      seen.map(async (instance) => {
        const state = await services.inbox(tenantId, instance.id).health()
        const { waiting, dead, unknown, lastReceivedAt, lastSentAt, lastError } = state
        return {
          ...toListedChannel(snapshot, instance),
          health: {
            waiting,
            dead,
            unknown,
            last_received_at: timeOrNull(lastReceivedAt),
            last_sent_at: timeOrNull(lastSentAt),
            last_error:
              lastError === null ? null : { at: time(lastError.at), message: lastError.message },
          },
        }
      }),
    )
    return ok({ channels })
  },
})

export const deliveriesList = operation({
  name: 'channels.deliveries.list',
  summary: 'Messages of a channel that could not be answered, newest first',
  access: ADMIN,
  params: z.object({ id: channelReference }),
  result: z.object({
    deliveries: z.array(
      z.object({
        id: z.number(),
        delivery_id: z.string(),
        conversation: z.string(),
        sender_id: z.string(),
        text: z.string(),
        error: z.string(),
        received_at: z.string(),
        attempts: z.number(),
      }),
    ),
  }),
  http: { method: 'GET', path: '/v1/channels/instances/{id}/deliveries' },
  run: async ({ services, principal: { tenantId }, snapshot }, { id }) => {
    const found = namedChannel(snapshot, id)
    if (!found.ok) return found
    const letters = await services.inbox(tenantId, found.value.id).deadLetters(MAX_LISTED)
    return ok({
      deliveries: letters.map((letter) => ({
        id: letter.id,
        delivery_id: letter.deliveryId,
        conversation: letter.lane,
        sender_id: letter.senderId,
        text: letter.text,
        error: letter.error,
        received_at: time(letter.receivedAt),
        attempts: letter.attempts,
      })),
    })
  },
})

const chosen = {
  id: channelReference,
  /** Numbers of deliveries; all that failed without. */
  deliveries: z.array(z.coerce.number().int()).max(1_000).optional(),
}

export const deliveriesReplay = operation({
  name: 'channels.deliveries.replay',
  summary: 'Begins messages anew that could not be answered; what was answered is only sent again',
  access: ADMIN,
  params: z.object(chosen),
  result: z.object({ replayed: z.number() }),
  http: { method: 'POST', path: '/v1/channels/instances/{id}/deliveries/replay' },
  audit: ({ id }, { replayed }) => ({ channel: id, replayed: String(replayed) }),
  run: async ({ services, principal: { tenantId }, snapshot }, { id, deliveries }) => {
    const found = namedChannel(snapshot, id)
    if (!found.ok) return found
    const inbox = services.inbox(tenantId, found.value.id)
    return ok({ replayed: await inbox.replay(deliveries ?? null) })
  },
})

export const deliveriesDiscard = operation({
  name: 'channels.deliveries.discard',
  summary: 'Drops messages that could not be answered',
  access: ADMIN,
  params: z.object({ ...chosen, deliveries: z.array(z.coerce.number().int()).min(1).max(1_000) }),
  result: z.object({ discarded: z.number() }),
  http: { method: 'POST', path: '/v1/channels/instances/{id}/deliveries/discard' },
  audit: ({ id }, { discarded }) => ({ channel: id, discarded: String(discarded) }),
  run: async ({ services, principal: { tenantId }, snapshot }, { id, deliveries }) => {
    const found = namedChannel(snapshot, id)
    if (!found.ok) return found
    return ok({ discarded: await services.inbox(tenantId, found.value.id).discard(deliveries) })
  },
})
