/**
 * A browser that asks to be let in without a credential, and the device it is once an admin said
 * yes. Here are the nouns, the numbers, and who may give away what; nothing is looked up.
 */
import { z } from 'zod'
import { type UserId, userIdSchema } from './ids.ts'
import { coversScope, isHigher, isTenantAdmin, type Principal } from './principal.ts'
import { type Refusal, refusal } from './refusal.ts'
import { err, ok, type Result } from './result.ts'

/** The one kind of device there is; senders of Slack, Telegram … are paired by their channel. */
export const BROWSER_CHANNEL = 'browser'

/** A device never reaches further than an operator, whoever its user is. */
export const DEVICE_ROLES = ['viewer', 'operator'] as const
export type DeviceRole = (typeof DEVICE_ROLES)[number]

/** A code waits so long for an admin, and after the approval as long again for its browser. */
export const PAIRING_MS = 60 * 60_000
export const DEVICE_TOKEN_MS = 30 * 86_400_000

/** Open or denied requests of one account within the life of a code. */
export const MAX_PENDING_PER_ACCOUNT = 3
/** Open requests of one tenant: more than an admin reads, and the end of what a flood can fill. */
export const MAX_PENDING_PER_TENANT = 100

/**
 * Chosen by the client, so it proves nothing. Printable ASCII: it is shown to an admin who decides by
 * what they see.
 */
export const senderIdSchema = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be printable ASCII')

/** Whom a device acts as when the admin names nobody: somebody new, with nothing of anybody else's. */
export const userOfDevice = (senderId: string): UserId => userIdSchema.parse(`device:${senderId}`)

/** The address that a local gateway gives to all its callers. */
const SHARED_ADDRESS = 'local'

export type PairingAccount = 'address' | 'sender'

/**
 * What the limit of open requests counts. A sender id costs nothing to invent, so addresses are
 * counted wherever they can be told apart; else one caller would use up what all have.
 */
export const accountOf = (address: string): PairingAccount =>
  address === SHARED_ADDRESS ? 'sender' : 'address'

/**
 * Admins, and keys that an admin made for just that; no operator, whose own browser may be asking. A
 * device reaches every agent: who is for some of them lets nobody in.
 */
export const mayPair = (principal: Principal): boolean =>
  principal.allowedAgents === null &&
  (isTenantAdmin(principal) ||
    (principal.credential.kind === 'api_key' && principal.scopes.includes('operator.pairing')))

export interface WantedDevice {
  readonly senderId: string
  /** Null: a user of its own. */
  readonly userId: UserId | null
  readonly role: DeviceRole
}

/**
 * Nobody gives away more than they have. To let a device act as a person is to act as that person,
 * so it takes an admin; a key that may only pair lets in strangers with nothing.
 */
export function checkApproval(
  principal: Principal,
  wanted: WantedDevice,
): Result<{ readonly userId: UserId; readonly role: DeviceRole }, Refusal> {
  if (!mayPair(principal)) return err(refusal('UNAUTHORIZED', 'only an admin may pair devices'))
  if (isHigher(wanted.role, principal.role)) {
    return err(refusal('UNAUTHORIZED', 'nobody lets a device in above their own role'))
  }
  const needed = wanted.role === 'operator' ? 'operator.write' : 'operator.read'
  if (!coversScope(principal.scopes, needed)) {
    return err(refusal('UNAUTHORIZED', `you have no scope ${needed} to give`))
  }
  const own = userOfDevice(wanted.senderId)
  if (wanted.userId === null || wanted.userId === own) return ok({ userId: own, role: wanted.role })
  if (!isTenantAdmin(principal)) {
    return err(refusal('UNAUTHORIZED', 'only an admin may let a device act as somebody'))
  }
  // Names of devices belong to devices: under another's, it would be that one.
  if (wanted.userId.startsWith('device:')) {
    return err(refusal('INVALID_REQUEST', 'user_id: a device may act as a member or as itself'))
  }
  return ok({ userId: wanted.userId, role: wanted.role })
}
