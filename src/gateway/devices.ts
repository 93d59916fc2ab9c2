/**
 * A paired browser's token, proven. As with API keys, what it is worth is remembered together with
 * the tenant's `authVersion` and used only while the tenant's object answers the same one: warm, a
 * device costs no D1 read, and ends at once when it is revoked.
 */
import type { Services } from '../api/context.ts'
import { hashDeviceToken } from '../crypto/device-token.ts'
import { type DeviceGrant, findDeviceGrant } from '../db/devices.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Principal, Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { PresentedCredential } from '../transport/credential.ts'
import { roleOfDevice } from '../transport/pairing.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { freshSnapshot } from './freshness.ts'
import { type Authenticated, personsRights } from './identity/proof.ts'

/** Grants an isolate remembers; each is worth a D1 read. */
const MAX_CACHED_GRANTS = 1_000

const grants = new Map<string, DeviceGrant>()

const REJECTED: TransportRefusal = { kind: 'credential_rejected', credentialKind: 'device' }

interface DeviceCaller {
  /** As the client names itself; a token of another sender is stolen, or lost its way. */
  readonly senderId: string | undefined
  readonly clientAddress: string
}

export async function authenticateDevice(
  { token, tenantId }: Extract<PresentedCredential, { kind: 'device' }>,
  caller: DeviceCaller,
  services: Services,
): Promise<Result<Authenticated, TransportRefusal>> {
  const found = await currentGrant(await hashDeviceToken(token), tenantId, services)
  if (!found) return err(REJECTED)
  const { grant, snapshot } = found
  if (snapshot.status !== 'active') return err(REJECTED)
  if (caller.senderId !== undefined && caller.senderId !== grant.senderId) return err(REJECTED)
  const role = roleOfDevice(grant, services.now())
  if (role === null || grant.userId === null) return err(REJECTED)
  return ok({
    snapshot,
    principal: {
      tenantId: grant.tenantId,
      userId: grant.userId,
      ...personsRights(role),
      credential: { kind: 'device', id: grant.id, expiresAt: grant.tokenExpiresAt },
      authVersion: grant.authVersion,
      clientAddress: caller.clientAddress,
      channel: null,
    },
  })
}

/** No object is asked for a token that nobody knows: its tenant is whatever the caller wrote there. */
async function currentGrant(
  tokenHash: string,
  tenantId: TenantId,
  services: Services,
): Promise<{ readonly grant: DeviceGrant; readonly snapshot: TenantSnapshot } | null> {
  const find = () => findDeviceGrant(services.database(tenantId), tenantId, { tokenHash })
  const known = grants.get(tokenHash)
  grants.delete(tokenHash)
  let grant = known?.tenantId === tenantId ? known : await find()
  if (!grant) return null
  const snapshot = await freshSnapshot(services, tenantId)
  if (!snapshot) return null
  // What was read before a change must not pass as read after it.
  if (grant.authVersion !== snapshot.authVersion) grant = await find()
  if (!grant) return null
  grants.set(tokenHash, grant)
  const oldest = grants.keys().next().value
  if (grants.size > MAX_CACHED_GRANTS && oldest !== undefined) grants.delete(oldest)
  return { grant, snapshot }
}

/**
 * What the device behind a principal is worth now, and until when: rotating the key that let it in
 * ends it sooner. Null when it is worth nothing any more.
 */
export async function deviceNow(
  { tenantId, userId, credential }: Principal,
  services: Services,
): Promise<{ readonly role: Role; readonly expiresAt: number | null } | null> {
  const db = services.database(tenantId)
  const grant = await findDeviceGrant(db, tenantId, { id: credential.id })
  const role = grant && roleOfDevice(grant, services.now())
  return role && grant.userId === userId ? { role, expiresAt: grant.tokenExpiresAt } : null
}
