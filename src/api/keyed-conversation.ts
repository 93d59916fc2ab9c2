/**
 * The conversation that a keyed message opens when it names none: the same for every repeat, so that
 * a client whose connection broke before it learnt the name finds its run again. Nobody else can
 * compute it and sit there first.
 */
import { hmacSha256Hex } from '../crypto/hmac.ts'
import { newId } from '../crypto/random.ts'
import type { Principal } from '../domain/principal.ts'
import type { Services } from './context.ts'

/** 160 bits. */
const ID_CHARS = 40

export async function keyedConversationId(
  services: Pick<Services, 'keyRing'>,
  { tenantId, userId }: Principal,
  operation: string,
  idempotencyKey: string,
): Promise<string> {
  const key = await services.keyRing.current.macKey(tenantId, 'conversation')
  const mac = await hmacSha256Hex(key, JSON.stringify([operation, userId, idempotencyKey]))
  return `cnv_${mac.slice(0, ID_CHARS)}`
}

/** Of a request that names no conversation: found again by a key, else one that nobody named before. */
export const newConversationId = async (
  services: Pick<Services, 'keyRing'>,
  principal: Principal,
  operation: string,
  idempotencyKey: string | null | undefined,
): Promise<string> =>
  idempotencyKey
    ? keyedConversationId(services, principal, operation, idempotencyKey)
    : newId('cnv')
