/** Tickets for sockets of pages, which can set no header: single use, one minute, nothing else. */
import { z } from 'zod'
import { hashLocatedToken, ticketToken } from '../crypto/located-token.ts'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { VIEWER } from './access.ts'
import { operation } from './operation.ts'

const TICKET_SECONDS = 60

export const wsTicketsCreate = operation({
  name: 'ws_tickets.create',
  summary: 'A ticket that opens one socket as the caller, once, within a minute',
  access: VIEWER,
  answersSecret: true,
  params: z.object({}),
  result: z.object({ ticket: z.string(), expires_in: z.number() }),
  http: { method: 'POST', path: '/v1/ws-tickets' },
  run: async ({ services, principal }) => {
    const { tenantId } = principal
    const ticket = ticketToken.create(tenantId)
    const { userId } = principal
    const entry = { kind: 'ticket', userId, body: JSON.stringify(principal) } as const
    const isKept = await services
      .tenant(tenantId)
      .keepOnce(await hashLocatedToken(ticket), entry, TICKET_SECONDS * 1_000)
    return isKept
      ? ok({ ticket, expires_in: TICKET_SECONDS })
      : err(
          refusal('RESOURCE_EXHAUSTED', 'too many tickets are waiting; use them, or wait a minute'),
        )
  },
})
