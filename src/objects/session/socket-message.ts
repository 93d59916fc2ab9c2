/** A frame of one of the session's own sockets: whoever sent it proves their rights, and is answered. */
import type { Services } from '../../api/context.ts'
import { newId } from '../../crypto/random.ts'
import type { SessionPort } from '../../domain/ports/session.ts'
import type { Principal } from '../../domain/principal.ts'
import { recheckPrincipal } from '../../gateway/authenticate.ts'
import { DEFERRED, dispatchByName } from '../../gateway/dispatch.ts'
import type { Settings } from '../../gateway/env.ts'
import { type UpgradeFacts, upgradeResponse } from '../../gateway/internal-request.ts'
import { refusalFrame } from '../../protocol/frames.ts'
import { readRequest } from '../socket-requests.ts'
import { answerFrame } from '../socket-window.ts'
import type { MetaStore } from './meta-store.ts'
import { withoutHop } from './own-services.ts'
import type { SessionSockets } from './sockets.ts'

export interface SocketMessageParts {
  readonly services: Services
  readonly settings: Settings
  readonly sockets: SessionSockets
  readonly own: SessionPort
  readonly meta: MetaStore
}

type ProvenFacts = UpgradeFacts & { readonly principal: Principal }

/** The other end of the pair goes back to whoever asked. */
export function openSocket(sockets: SessionSockets, facts: ProvenFacts) {
  const { 0: client, 1: server } = new WebSocketPair()
  const { principal, origin, traceparent } = facts
  const sessionKey = facts.sessionKey ?? ''
  const opened = { socketId: newId('sck'), principal, sessionKey, origin, traceparent }
  sockets.accept(server, opened)
  return { opened, response: upgradeResponse(client, facts.subprotocol) }
}

export async function answerMessage(
  parts: SocketMessageParts,
  socket: WebSocket,
  message: string | ArrayBuffer,
): Promise<void> {
  const { services, settings, sockets, own, meta } = parts
  const frame = readRequest(message, sockets.hear(socket), services.now())
  if (!frame.ok) return sockets.refuse(socket, frame.error)
  const { id, method, params } = frame.value
  if (method === 'ack') return sockets.acknowledge(socket, params['mark'])
  const { principal, socketId, sessionKey, origin, traceparent } = sockets.attachmentOf(socket)
  const checked = await recheckPrincipal(principal, services, settings)
  if (!checked.ok) {
    sockets.send(socket, refusalFrame(id, checked.error))
    return sockets.endAccess(socket)
  }
  if (checked.value.principal !== principal) sockets.setPrincipal(socket, checked.value.principal)
  const answering = dispatchByName(method, params, {
    ...checked.value,
    services: withoutHop(own, sessionKey, meta, services),
    settings,
    replyTo: { kind: 'socket', socketId, requestId: id },
    defaultSessionKey: sessionKey,
    origin,
    traceparent,
    operations: sockets.operationsOf(socket),
  })
  const answer = await sockets.answering(socket, answering)
  if (!answer.ok) sockets.send(socket, refusalFrame(id, answer.error))
  else if (answer.value !== DEFERRED) sockets.send(socket, answerFrame(id, answer.value))
}
