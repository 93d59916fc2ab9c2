/** A ticket for one socket: whoever asked for it is who comes, if the credential it rests on still holds. */
import type { Services } from '../../api/context.ts'
import { hashLocatedToken, ticketToken } from '../../crypto/located-token.ts'
import { type Principal, principalSchema } from '../../domain/principal.ts'

/** Null for a ticket that is unknown, used or over; those are not told apart. The caller rechecks. */
export async function redeemTicket(text: string, services: Services): Promise<Principal | null> {
  const ticket = ticketToken.parse(text)
  if (ticket === null) return null
  const body = await services.tenant(ticket.tenantId).takeOnce(await hashLocatedToken(ticket.text))
  if (body === null) return null
  const principal = principalSchema.safeParse(JSON.parse(body))
  // The object that kept it is the tenant's own; a body that says otherwise is none of ours.
  return principal.success && principal.data.tenantId === ticket.tenantId ? principal.data : null
}
