/**
 * One call of a hook as one message. Its text is the hook owner's; what the caller sent goes beside it,
 * as text of others: it commands nothing and approves nothing.
 */
import { err, ok, type Result } from '../../domain/result.ts'
import type { Delivery } from '../delivery.ts'
import { ACKNOWLEDGED, type Received, type ReceiveRefusal } from '../platform.ts'
import { type Hook, isSessionChoice } from './config.ts'
import type { WebhookCredentials } from './credentials.ts'
import { deliveryIdOf } from './delivery-id.ts'
import { chosenSession, type Payload, readPayload, shownPart } from './payload.ts'
import { verifyWebhook } from './verify.ts'

export interface NamedHook {
  readonly name: string
  readonly hook: Hook
}

export async function receiveHook(
  delivery: Delivery,
  credentials: WebhookCredentials,
  { name, hook, nowMs }: NamedHook & { readonly nowMs: number },
): Promise<Result<Received, ReceiveRefusal>> {
  const proven = await verifyWebhook(delivery, credentials, nowMs)
  if (!proven.ok) return proven
  const payload = readPayload(delivery.body)
  const facts = { proof: credentials.proof, nowMs }
  const id = await deliveryIdOf(delivery, proven.value, facts)
  if (payload === null || id === null) return err('malformed')
  const session = sessionOf(payload, name, hook)
  const quoted = shownPart(payload, hook.body_path)
  if (session === null || quoted === null) return err('malformed')
  const message = {
    kind: 'message',
    // One sender may number the calls of two hooks alike.
    deliveryId: `${name}:${id}`,
    sender: { id: name, username: null, displayName: `hook ${name}`, kind: 'person' },
    conversation: { kind: 'direct', id: session, threadId: null },
    address: { hook: name, delivery: id, callback: hook.callback_url ?? null },
    sentAt: proven.value.signedAtMs,
    text: hook.message ?? `The hook «${name}» was called. See to what it says.`,
    quoted,
    isRelayed: true,
    isMention: true,
    isCommand: false,
    files: [],
    albumId: null,
  } as const
  return ok({
    events: [message],
    answer: ACKNOWLEDGED,
    replayKey: proven.value.replayKey,
    // Whoever has seen a shared secret needs no replay.
    ...(credentials.proof === 'hub' ? { isAgeless: true as const } : {}),
  })
}

/** Null for a choice that is not the caller's to make. Where there is none to make, none is read. */
function sessionOf(payload: Payload, name: string, hook: Hook): string | null {
  const chosen = hook.allow_session_key ? chosenSession(payload) : undefined
  if (chosen === undefined) return hook.session_key ?? name
  return typeof chosen === 'string' && isSessionChoice(chosen, hook) ? chosen : null
}
