/** Hands a message over as it is, without a run: into a conversation here, or one of a channel. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { OPERATOR } from './access.ts'
import { channelTarget } from './channel-target.ts'
import { MAX_MESSAGE_CHARS } from './chat.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { openSession, sessionParams } from './session-params.ts'

export const send = operation({
  name: 'send',
  summary: 'Delivers a message into a conversation, here or in a channel, without starting a run',
  access: OPERATOR,
  // A running loop thinks of it at once: it costs what a message costs.
  startsRun: true,
  params: z.object({
    ...sessionParams,
    message: z.string().min(1).max(MAX_MESSAGE_CHARS),
    /** Of a channel, and whom to tell there. */
    channel: z.string().max(100).optional(),
    to: z.string().max(400).optional(),
  }),
  result: z.object({
    ok: z.literal(true),
    sessionKey: z.string().optional(),
    channel: z.string().optional(),
  }),
  http: { method: 'POST', path: '/v1/send' },
  run: async (context, params) => {
    const { channel, to, message } = params
    if (channel !== undefined || to !== undefined)
      return sayThere(context, { channel, to, message })
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const { key, session } = opened.value
    const sent = await session.inject(context.principal, message)
    return sent.ok ? ok({ ok: true as const, sessionKey: key.text }) : sent
  },
})

async function sayThere(
  context: OperationContext,
  {
    channel,
    to,
    message,
  }: { channel: string | undefined; to: string | undefined; message: string },
) {
  if (channel === undefined || to === undefined) {
    return err(refusal('INVALID_REQUEST', 'say channel and to, or a sessionKey'))
  }
  const target = channelTarget(context, channel)
  if (!target.ok) return target
  const { services, principal } = context
  const inbox = services.inbox(principal.tenantId, target.value.id)
  const isKnown = await inbox.sayIn(to, { key: newId('say'), content: message })
  return isKnown
    ? ok({ ok: true as const, channel: target.value.name })
    : err(notFound('conversation'))
}
