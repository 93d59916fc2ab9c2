/**
 * `POST /pair`: the six digits of the first set-up for an admin's key. Where there is no code to
 * guess, the path is not there; a page of another origin never finds it.
 */
import { changeTenant } from '../api/tenant-change.ts'
import { createApiKey } from '../crypto/api-key.ts'
import { gatewayCodeMac } from '../crypto/gateway-code.ts'
import { newId } from '../crypto/random.ts'
import { createApiKeyRow } from '../db/api-keys.ts'
import { countCredentials } from '../db/devices.ts'
import { DEFAULT_TENANT, userIdSchema } from '../domain/ids.ts'
import { notFound } from '../domain/refusal.ts'
import { securityEvent } from '../domain/security-event.ts'
import { lockoutKey } from '../transport/lockout.ts'
import { eventOfRefusal, type TransportRefusal } from '../transport/refusal.ts'
import { type AppContext, turnAway } from './door.ts'
import { createReporter, reportAnonymously } from './emit.ts'
import { jsonResponse, refusalResponse } from './http-response.ts'

const KEY_NAME = 'paired at first start'
const KEY_MS = 90 * 86_400_000
/** Whom the gateway token acts as, too: what the first person made stays theirs. */
const OWNER = userIdSchema.parse('system')
const CREDENTIAL_KIND = 'pairing'

export async function pair(c: AppContext): Promise<Response> {
  const { admitted, services, runtime } = c.get('door')
  if (!admitted.isOwnOrigin) {
    const origin = c.req.header('origin') ?? ''
    const event = eventOfRefusal({ kind: 'origin_not_allowed', origin }, admitted.clientAddress)
    if (event) reportAnonymously(event)
    return absent()
  }
  const digits = c.req.header('x-pairing-code') ?? ''
  const mac = /^\d{6}$/.test(digits) ? await gatewayCodeMac(services.keyRing, digits) : null
  // Elsewhere than on the platform all callers have one address, and are counted together.
  const isTold = runtime.settings.platform === 'cloudflare'
  const address = isTold ? admitted.clientAddress : null
  const attempt = await services.tenant(DEFAULT_TENANT).tryPairingCode(mac, address)
  switch (attempt.kind) {
    case 'absent':
      return absent()
    case 'malformed':
      return turnAway(c, { kind: 'credential_malformed', reason: 'pairing code' })
    case 'limited': {
      const { retryAfterMs } = attempt
      return turnAway(c, { kind: 'rate_limited', bucket: CREDENTIAL_KIND, retryAfterMs })
    }
    case 'wrong':
      return turnAway(c, await countWrongCode(c))
    case 'right':
      return handOver(c)
  }
}

const absent = (): Response => refusalResponse(notFound('path'), 404, 'edgeclaw')

/** By address on the platform; elsewhere the tries of the code itself are all there is to count. */
async function countWrongCode(c: AppContext): Promise<TransportRefusal> {
  const { admitted, services, runtime } = c.get('door')
  const rejected = { kind: 'credential_rejected', credentialKind: CREDENTIAL_KIND } as const
  if (runtime.settings.platform !== 'cloudflare') return rejected
  const key = lockoutKey(admitted.clientAddress, CREDENTIAL_KIND)
  const state = await services.addressLimiter(admitted.clientAddress).recordFailure(key)
  return state.isLocked
    ? { kind: 'locked_out', credentialKind: CREDENTIAL_KIND, retryAfterMs: state.retryAfterMs }
    : rejected
}

/** The code is used up by now: should this fail, the operator asks for another. */
async function handOver(c: AppContext): Promise<Response> {
  const { admitted, services } = c.get('door')
  const db = services.database(DEFAULT_TENANT)
  // Whoever was let in since the code was made has set the gateway up.
  if ((await countCredentials(db, DEFAULT_TENANT)) > 0) return absent()
  const { key, hash, prefix } = await createApiKey(DEFAULT_TENANT)
  const now = services.now()
  const row = {
    id: newId('key'),
    hash,
    prefix,
    name: KEY_NAME,
    scopes: ['operator.admin'] as const,
    ownerId: OWNER,
    createdBy: OWNER,
    expiresAt: now + KEY_MS,
  }
  await changeTenant(services, DEFAULT_TENANT, () => createApiKeyRow(db, DEFAULT_TENANT, row, now))
  createReporter(services, { tenantId: DEFAULT_TENANT })(
    securityEvent('pairing_approved', {
      kind: 'gateway_code',
      id: row.id,
      client_address: admitted.clientAddress,
    }),
  )
  return jsonResponse({ token: key, expires_at: new Date(row.expiresAt).toISOString() }, 200)
}
