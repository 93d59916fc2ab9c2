/**
 * The one request that crosses into an object as such: a socket's upgrade. What was verified at the
 * door travels in headers of this prefix, which no client's own header can bear.
 */
import { z } from 'zod'
import { principalSchema } from '../domain/principal.ts'

const PREFIX = 'x-edgeclaw-internal-'
const FACTS = `${PREFIX}facts`

export const upgradeFactsSchema = z.object({
  principal: principalSchema.nullable(),
  sessionKey: z.string().nullable(),
  clientAddress: z.string(),
  subprotocol: z.string().nullable(),
  isOwnOrigin: z.boolean(),
  isDevelopment: z.boolean(),
  /** Scheme, host and port that the upgrade was asked under. */
  origin: z.string().optional(),
  /** Shown to the admin who decides on a pairing; printable, and cut. */
  userAgent: z.string().optional(),
  /** W3C Trace Context of the upgrade: what is asked over the socket belongs there. */
  traceparent: z.string().max(200).optional(),
})
export type UpgradeFacts = z.infer<typeof upgradeFactsSchema>

/** The client's request with all headers of the prefix removed and ours put in. */
export function withUpgradeFacts(request: Request, facts: UpgradeFacts): Request {
  const headers = new Headers(request.headers)
  const forged = [...headers.keys()].filter((name) => name.toLowerCase().startsWith(PREFIX))
  for (const name of forged) headers.delete(name)
  headers.set(FACTS, encodeURIComponent(JSON.stringify(facts)))
  return new Request(request, { headers })
}

/** @throws when the request did not come through the gateway */
export function parseUpgradeFacts(request: Request): UpgradeFacts {
  const text = request.headers.get(FACTS)
  if (text === null) throw new Error('an upgrade reached an object without the gateway')
  return upgradeFactsSchema.parse(JSON.parse(decodeURIComponent(text)))
}

/** RFC 6455 section 4.2.2: the answer names only the protocol, never the entry with the token. */
export const upgradeResponse = (client: WebSocket, subprotocol: string | null): Response =>
  new Response(null, {
    status: 101,
    webSocket: client,
    ...(subprotocol === null ? {} : { headers: { 'sec-websocket-protocol': subprotocol } }),
  })
