/**
 * Pairing as a browser without a credential meets it: a code to show to an admin, then how that
 * stands, then the token, once. A `sender_id` is chosen by the client and proves nothing; the secret
 * that came with the first answer does. Whatever fails on the way denies.
 */
import { z } from 'zod'
import type { Services } from '../api/context.ts'
import { openPairing } from '../api/open-pairing.ts'
import { changeTenant } from '../api/tenant-change.ts'
import { createDeviceToken } from '../crypto/device-token.ts'
import { sha256Hex } from '../crypto/digest.ts'
import { deliverDeviceToken } from '../db/devices.ts'
import { findTenant, findTenantBySlug } from '../db/directory.ts'
import { findPairingOfSecret } from '../db/pairings.ts'
import { DEFAULT_TENANT, type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { DEVICE_TOKEN_MS, senderIdSchema } from '../domain/pairing.ts'
import type { BucketRequest } from '../domain/ports/limiter.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { PROTOCOL_VERSION } from '../protocol/frames.ts'
import { logError } from '../telemetry/log.ts'
import { isTokenDue, PAIRING_STATUS_ADDRESS_BUCKET, pairingStatus } from '../transport/pairing.ts'
import { PAIRING_BUCKET } from '../transport/rate-limit.ts'
import { createReporter } from './emit.ts'
import type { Settings } from './env.ts'
import { freshSnapshot } from './freshness.ts'
import type { UpgradeFacts } from './internal-request.ts'
import { ofTransport } from './wire.ts'

export const PAIRING_STATUS_METHOD = 'browser.pairing.status'

const secretSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** A socket whose browser waits for an admin. */
export interface AwaitingPairing {
  readonly tenantId: TenantId
}

export interface PairingOffer extends AwaitingPairing {
  readonly payload: Record<string, unknown>
}

export interface PairingWish {
  readonly senderId: string | undefined
  readonly secret: string | undefined
  /** Id or slug; absent: the tenant of the first start. */
  readonly tenant: string | undefined
}

const UNAVAILABLE: Refusal = {
  ...refusal('UNAVAILABLE', 'pairing is not possible just now; try again'),
  retryable: true,
}

async function denyOnFailure<Value>(
  work: () => Promise<Result<Value, Refusal>>,
): Promise<Result<Value, Refusal>> {
  try {
    return await work()
  } catch (error) {
    logError('pairing.failed', error)
    return err(UNAVAILABLE)
  }
}

/** On the platform only: elsewhere addresses are not told apart, and one caller would starve all. */
async function checkAddressRate(
  bucket: BucketRequest,
  { clientAddress }: UpgradeFacts,
  services: Services,
  { platform }: Settings,
): Promise<Result<null, Refusal>> {
  if (platform !== 'cloudflare') return ok(null)
  const own = { ...bucket, bucket: `${bucket.bucket}:${clientAddress}` }
  const verdict = await services.addressLimiter(clientAddress).take([own])
  if (verdict.isAllowed) return ok(null)
  return err(ofTransport({ kind: 'rate_limited', ...verdict }).refusal)
}

const pairs = (snapshot: TenantSnapshot | null): snapshot is TenantSnapshot =>
  snapshot?.status === 'active' && snapshot.config.gateway.device_pairing

/**
 * Null where pairing is no answer: who asks is told the same as if there were none, whether the
 * tenant exists, is suspended, or lets nobody in this way.
 */
export async function offerPairing(
  wish: PairingWish,
  facts: UpgradeFacts,
  services: Services,
  settings: Settings,
): Promise<Result<PairingOffer, Refusal> | null> {
  const senderId = senderIdSchema.safeParse(wish.senderId)
  if (!facts.isOwnOrigin || !senderId.success) return null
  const outcome = await denyOnFailure<PairingOffer | null>(async () => {
    const paced = await checkAddressRate(PAIRING_BUCKET, facts, services, settings)
    if (!paced.ok) return paced
    const tenantId = await tenantOf(wish, services)
    const snapshot = tenantId && (await freshSnapshot(services, tenantId))
    if (!pairs(snapshot)) return ok(null)
    const opened = await resumeOrOpen(
      snapshot.tenantId,
      senderId.data,
      wish.secret,
      facts,
      services,
    )
    if (!opened.ok) return opened
    const { code, secret, expiresAt } = opened.value
    return ok({
      tenantId: snapshot.tenantId,
      payload: {
        status: 'pending_pairing',
        pairing_code: code,
        pairing_secret: secret,
        sender_id: senderId.data,
        expires_at: new Date(expiresAt).toISOString(),
        protocol: PROTOCOL_VERSION,
        server: { name: 'edgeclaw', version: settings.version },
      },
    })
  })
  if (!outcome.ok) return outcome
  return outcome.value === null ? null : ok(outcome.value)
}

/** By the directory: for a name that was made up no object is asked. */
async function tenantOf(
  { tenant: claimed }: PairingWish,
  services: Services,
): Promise<TenantId | null> {
  if (!claimed) return DEFAULT_TENANT
  const id = tenantIdSchema.safeParse(claimed)
  const row = id.success
    ? await findTenant(services.directory(), id.data)
    : await findTenantBySlug(services.directory(), claimed)
  return row?.id ?? null
}

/**
 * Who knows the secret finds its request again. Who only knows the sender's name gets a request of
 * its own, with another code: it learns nothing of the first, and takes nothing from it.
 */
async function resumeOrOpen(
  tenantId: TenantId,
  senderId: string,
  secret: string | undefined,
  facts: UpgradeFacts,
  services: Services,
): Promise<Result<{ code: string | null; secret: string; expiresAt: number }, Refusal>> {
  const presented = secretSchema.safeParse(secret)
  if (presented.success) {
    const known = await findPairing(services, tenantId, senderId, presented.data)
    const isOpen = known && pairingStatus(known, services.now()) === 'pending'
    if (isOpen || (known && isTokenDue(known, services.now()))) {
      return ok({ code: known.code, secret: presented.data, expiresAt: known.expiresAt })
    }
  }
  const request = { senderId, address: facts.clientAddress, userAgent: facts.userAgent ?? '' }
  return openPairing(services, tenantId, request, createReporter(services, { tenantId }))
}

const findPairing = async (
  services: Services,
  tenantId: TenantId,
  senderId: string,
  secret: string,
) => findPairingOfSecret(services.database(tenantId), tenantId, senderId, await sha256Hex(secret))

const statusParamsSchema = z.object({ sender_id: senderIdSchema, pairing_secret: secretSchema })

/** The same for a sender that never was, a wrong secret, and a request that is long gone. */
const NOT_PAIRED = refusal('NOT_PAIRED', 'no request to be paired waits under this id and secret')

export const ONLY_STATUS = refusal(
  'NOT_PAIRED',
  `this browser is not paired yet: it may call ${PAIRING_STATUS_METHOD} and nothing else`,
)

export function pairingStatusOf(
  params: unknown,
  { tenantId }: AwaitingPairing,
  facts: UpgradeFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Record<string, unknown>, Refusal>> {
  return denyOnFailure(async () => {
    const paced = await checkAddressRate(PAIRING_STATUS_ADDRESS_BUCKET, facts, services, settings)
    if (!paced.ok) return paced
    const parsed = statusParamsSchema.safeParse(params)
    if (!parsed.success) return err(NOT_PAIRED)
    const { sender_id: senderId, pairing_secret: secret } = parsed.data
    const [snapshot, pairing] = await Promise.all([
      freshSnapshot(services, tenantId),
      findPairing(services, tenantId, senderId, secret),
    ])
    if (!pairs(snapshot) || !pairing) return err(NOT_PAIRED)
    const now = services.now()
    if (!isTokenDue(pairing, now)) return ok({ status: pairingStatus(pairing, now) })
    const { token, hash } = await createDeviceToken(tenantId)
    const longest = now + DEVICE_TOKEN_MS
    const expiresAt = await changeTenant(services, tenantId, () =>
      deliverDeviceToken(
        services.database(tenantId),
        tenantId,
        pairing.id,
        { hash, expiresAt: longest },
        now,
      ),
    )
    if (expiresAt === null) return ok({ status: 'approved' })
    return ok({ status: 'approved', token, expires_at: new Date(expiresAt).toISOString() })
  })
}
