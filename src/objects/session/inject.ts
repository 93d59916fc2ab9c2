/** A message into a conversation that is going on, judged like one that is sent. */
import type { Services } from '../../api/context.ts'
import type { Principal } from '../../domain/principal.ts'
import { notFound, type Refusal } from '../../domain/refusal.ts'
import { err, type Result } from '../../domain/result.ts'
import type { Settings } from '../../gateway/env.ts'
import { type AdmittedMessage, admitMessage } from '../../gateway/inbound.ts'
import type { SessionMeta } from './meta-store.ts'

export async function admitNote(
  principal: Principal,
  message: string,
  session: SessionMeta | null,
  services: Services,
  settings: Settings,
): Promise<Result<AdmittedMessage, Refusal>> {
  if (session === null) return err(notFound('session'))
  const { tenantId, owner: ownerId, sessionKey } = session
  const request = { principal, sessionKey, message, replyTo: { kind: 'none' } } as const
  return admitMessage(request, { tenantId, ownerId }, services, 'injected_message', settings)
}
