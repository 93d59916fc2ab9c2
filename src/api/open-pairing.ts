/**
 * Enters one request to be let in, for whichever door it came through, and tells the admins. What is
 * written before anybody is known ends here: three rows an account, a hundred a tenant, for an hour.
 */
import { sha256Hex } from '../crypto/digest.ts'
import { newId, newPairingCode, randomBase64Url } from '../crypto/random.ts'
import { createPairing } from '../db/pairings.ts'
import type { TenantId } from '../domain/ids.ts'
import {
  accountOf,
  BROWSER_CHANNEL,
  MAX_PENDING_PER_ACCOUNT,
  MAX_PENDING_PER_TENANT,
  PAIRING_MS,
} from '../domain/pairing.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type SecurityEvent, securityEvent } from '../domain/security-event.ts'
import type { Services } from './context.ts'

const SECRET_BYTES = 32

export interface PairingRequest {
  readonly senderId: string
  readonly address: string
  readonly userAgent: string
}

export interface OpenedPairing {
  readonly code: string
  /** Fetches the token, once; shown this once. */
  readonly secret: string
  readonly expiresAt: number
}

const TOO_MANY: Refusal = {
  ...refusal('RESOURCE_EXHAUSTED', 'too many requests to be paired wait already; ask an admin'),
  retryable: true,
  retryAfterMs: PAIRING_MS,
}

export async function openPairing(
  services: Services,
  tenantId: TenantId,
  { senderId, address, userAgent }: PairingRequest,
  report: (event: SecurityEvent) => void,
): Promise<Result<OpenedPairing, Refusal>> {
  const createdAt = services.now()
  const secret = randomBase64Url(SECRET_BYTES)
  const pairing = {
    id: newId('par'),
    senderId,
    code: newPairingCode(),
    secretHash: await sha256Hex(secret),
    address,
    userAgent,
    createdAt,
    expiresAt: createdAt + PAIRING_MS,
  }
  const created = await createPairing(services.database(tenantId), tenantId, pairing, {
    account: accountOf(address),
    perAccount: MAX_PENDING_PER_ACCOUNT,
    perTenant: MAX_PENDING_PER_TENANT,
  })
  if (!created.ok) return err(TOO_MANY)
  const { id, code, expiresAt } = pairing
  report(
    securityEvent(
      'pairing_requested',
      { pairing: id, sender: senderId, client_address: address },
      'info',
    ),
  )
  const shown = { code, senderId, channel: BROWSER_CHANNEL, address, userAgent, expiresAt }
  services.inBackground(
    services.tenant(tenantId).publish('device.pair.requested', shown, { kind: 'admins' }),
  )
  return ok({ code, secret, expiresAt })
}
