/**
 * `/channels/{type}/{instance}` and `/hooks/{instance}/{name}`: where platforms deliver. Proven by the
 * platform's own signature, then stored, then answered: what was answered is not lost, and what was not
 * stored comes again. There is no credential of ours here, so nothing is told to whoever proves nothing.
 */
import type { Services } from '../../api/context.ts'
import { hookPlatform } from '../../channels/webhook/index.ts'
import { isChannelType, isOfHooks } from '../../domain/channel.ts'
import { CHANNEL_USER_PREFIX } from '../../domain/channel-user.ts'
import { type TenantId, userIdSchema } from '../../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../../domain/refusal.ts'
import { securityEvent } from '../../domain/security-event.ts'
import { readBodyWithin } from '../../transport/size.ts'
import { type AppContext, turnAway } from '../door.ts'
import { reportAnonymously } from '../emit.ts'
import { refusalResponse } from '../http-response.ts'
import { namedHook } from './hook-of.ts'
import { findOpenInstance } from './instances.ts'
import { laneOf } from './lane.ts'

/** Platforms send a few kilobytes; files are fetched, never delivered. */
const MAX_DELIVERY_BYTES = 1_024 * 1_024
const CROWDED_SECONDS = 30

export const receiveDelivery = (c: AppContext): Promise<Response> =>
  receive(c, c.req.param('type') ?? '', c.req.param('id') ?? '', null)

export const receiveHook = (c: AppContext): Promise<Response> =>
  receive(c, 'webhook', c.req.param('id') ?? '', c.req.param('name') ?? '')

async function receive(
  c: AppContext,
  type: string,
  instanceId: string,
  hook: string | null,
): Promise<Response> {
  const { services } = c.get('door')
  const isNamed = isChannelType(type) && isOfHooks({ channelType: type }) === (hook !== null)
  const found = isNamed ? await findOpenInstance(services, type, instanceId) : null
  if (found === null) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  const { platform, credentials, instance, snapshot, config } = found
  const body = await readBodyWithin(c.req.raw.body, MAX_DELIVERY_BYTES)
  if (!body.ok) return turnAway(c, body.error)
  const query = new URL(c.req.url).searchParams
  const delivery = { headers: c.req.raw.headers, body: body.value.slice() }
  const facts = { method: c.req.method, query, nowMs: services.now(), self: instance.bot }
  const named = hook === null ? null : namedHook(config, hook)
  if (hook !== null && named === null) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  const door = named === null ? platform : hookPlatform({ name: hook ?? '', hook: named })
  const received = await door.receive(delivery, credentials as never, facts)
  if (!received.ok && received.error === 'malformed') {
    const words = refusal('INVALID_REQUEST', 'the delivery is not what this channel sends')
    return refusalResponse(words, 400, 'edgeclaw')
  }
  if (!received.ok) {
    const reason = received.error
    const address = c.get('door').admitted.clientAddress
    const facts = { instance: instanceId, reason, client_address: address }
    reportAnonymously(securityEvent('webhook_signature_invalid', facts))
    const words = refusal('UNAUTHORIZED', 'the delivery is not signed as this channel demands')
    return refusalResponse(words, 401, 'edgeclaw')
  }
  const { events, answer, isAgeless } = received.value
  if (hook !== null) {
    const paced = await takeHookToken(services, snapshot.tenantId, instanceId, hook)
    if (paced !== null) return refusalResponse(paced, 429, 'edgeclaw')
  }
  if (events.length > 0) {
    const filed = events.map((event) => ({
      lane: laneOf(event, instance.bot?.username ?? null),
      event,
      ...(isAgeless ? { isAgeless } : {}),
    }))
    const inbox = services.inbox(snapshot.tenantId, instanceId)
    const receipt = await inbox.receive(filed)
    if (receipt === null) {
      const words = refusal('RESOURCE_EXHAUSTED', 'too much waits here; deliver it again later')
      return refusalResponse({ ...words, retryAfterMs: 1_000 * CROWDED_SECONDS }, 503, 'edgeclaw')
    }
  }
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.contentType, 'cache-control': 'no-store' },
  })
}

const HOOK_BUCKET = { bucket: 'hook', ratePerMinute: 60, burst: 60 }

/** Of the hook itself, whoever calls it: a loop between two services ends here. */
async function takeHookToken(
  services: Services,
  tenantId: TenantId,
  instanceId: string,
  hook: string,
): Promise<Refusal | null> {
  const user = userIdSchema.parse(`${CHANNEL_USER_PREFIX}hook:${instanceId}:${hook}`)
  const verdict = await services.userLimiter(tenantId, user).take([HOOK_BUCKET])
  if (verdict.isAllowed) return null
  const { retryAfterMs } = verdict
  const words = refusal('RESOURCE_EXHAUSTED', 'this hook is called too often')
  return { ...words, retryable: true, retryAfterMs }
}
