/**
 * Hands a message over as it is, without a run: into a conversation, which is all there is to deliver to
 * until channels are served.
 */
import { z } from 'zod'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { OPERATOR } from './access.ts'
import { MAX_MESSAGE_CHARS } from './chat.ts'
import { operation } from './operation.ts'
import { openSession, sessionParams } from './session-params.ts'

export const send = operation({
  name: 'send',
  summary: 'Delivers a message into a conversation of the caller’s own, without starting a run',
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
  result: z.object({ ok: z.literal(true), sessionKey: z.string() }),
  http: { method: 'POST', path: '/v1/send' },
  run: async (context, params) => {
    if (params.channel !== undefined || params.to !== undefined) {
      const words = 'no channel is connected: name a sessionKey instead of channel and to'
      return err(refusal('FAILED_PRECONDITION', words))
    }
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const { key, session } = opened.value
    const sent = await session.inject(context.principal, params.message)
    return sent.ok ? ok({ ok: true as const, sessionKey: key.text }) : sent
  },
})
