/**
 * What a device is worth, how a request to be let in stands, and the tries at the six digits of the
 * first set-up. Judged here from plain rows; who keeps them is others' business.
 */
import { userOfDevice } from '../domain/pairing.ts'
import type { BucketRequest } from '../domain/ports/limiter.ts'
import { lowerRole, type Role } from '../domain/principal.ts'

/** A page that waits for an admin asks every few seconds. */
export const PAIRING_STATUS_BUCKET: BucketRequest = {
  bucket: 'pairing-status',
  ratePerMinute: 30,
  burst: 10,
}
/** Its tabs together, and what else comes from its address. */
export const PAIRING_STATUS_ADDRESS_BUCKET: BucketRequest = {
  bucket: 'pairing-status',
  ratePerMinute: 90,
  burst: 30,
}

/** A socket that waits keeps an object in memory: whoever waits longer comes back with its secret. */
export const WAITING_SOCKET_MS = 10 * 60_000

/** Shown at the operator's own console: whoever stands there needs no longer. */
export const GATEWAY_CODE_MS = 10 * 60_000
/** Twenty of a million: guessing succeeds once in fifty thousand set-ups. */
export const MAX_WRONG_GATEWAY_CODES = 20
/** Of one address: none burns the code alone, and a person mistypes less often. */
export const MAX_WRONG_GATEWAY_CODES_OF_ADDRESS = 5

type PairingStatus = 'pending' | 'approved' | 'expired'

interface PairingRow {
  readonly status: string
  readonly expiresAt: number
  readonly tokenDeliveredAt: number | null
}

const isApproved = (status: string): boolean =>
  status === 'approved' || status === 'approved_viewer'

/** A stranger who was refused, or whose device ended, is told no more than that it is over. */
export function pairingStatus({ status, expiresAt }: PairingRow, now: number): PairingStatus {
  if (expiresAt <= now) return 'expired'
  if (status === 'pending') return 'pending'
  return isApproved(status) ? 'approved' : 'expired'
}

export const isTokenDue = (pairing: PairingRow, now: number): boolean =>
  pairingStatus(pairing, now) === 'approved' && pairing.tokenDeliveredAt === null

interface DeviceRow {
  readonly status: string
  readonly senderId: string
  readonly userId: string | null
  readonly memberRole: Role | null
  readonly memberStatus: 'active' | 'suspended' | null
  readonly deciderRole: Role | null
  readonly deciderStatus: 'active' | 'suspended' | null
  /** Somebody behind the key that let it in is. */
  readonly isSuspendedAbove: boolean
  readonly tokenExpiresAt: number | null
}

/**
 * Null when it is worth nothing (any more). A device that acts as a person ends with their
 * membership; only one that acts as itself needs none, and for that whoever let it in vouches: it is
 * never more than they are now. Where they are no member either, the platform's operator let it in.
 * While they are suspended, so is all that they let in.
 */
export function roleOfDevice(device: DeviceRow, now: number): Role | null {
  const { status, senderId, userId, memberRole, memberStatus, tokenExpiresAt } = device
  if (!isApproved(status) || userId === null) return null
  if (tokenExpiresAt === null || tokenExpiresAt <= now) return null
  // Whoever let it in may be who holds it.
  if (memberStatus === 'suspended' || device.deciderStatus === 'suspended') return null
  if (device.isSuspendedAbove) return null
  const letInAs = status === 'approved' ? 'operator' : 'viewer'
  if (memberRole !== null) return lowerRole(memberRole, letInAs)
  if (userId !== userOfDevice(senderId)) return null
  return device.deciderRole === null ? letInAs : lowerRole(device.deciderRole, letInAs)
}

/** As it is kept: never the code itself. */
export interface GatewayCode {
  readonly mac: string
  readonly expiresAt: number
  /** By everybody together; no restart gives any back. */
  readonly wrongTries: number
  /** Of addresses that can be told apart: no more of them than there are tries. */
  readonly wrongBy: Readonly<Record<string, number>>
}

/**
 * Another code is another million to guess in, and only the operator makes one: it starts anew, so that
 * nobody keeps a gateway from being set up by burning what they cannot guess.
 */
export const freshGatewayCode = (mac: string, now: number): GatewayCode => ({
  mac,
  expiresAt: now + GATEWAY_CODE_MS,
  wrongTries: 0,
  wrongBy: {},
})

export const isAddressBurnt = ({ wrongBy }: GatewayCode, address: string | null): boolean =>
  address !== null &&
  Object.hasOwn(wrongBy, address) &&
  (wrongBy[address] ?? 0) >= MAX_WRONG_GATEWAY_CODES_OF_ADDRESS

export const isGatewayCodeLive = (known: GatewayCode | undefined, now: number): boolean =>
  known !== undefined && known.expiresAt > now && known.wrongTries < MAX_WRONG_GATEWAY_CODES

/** Of a live code. `next` is what is kept of it; null: nothing, it was used. */
export const tryGatewayCode = (
  known: GatewayCode,
  mac: string,
  address: string | null,
): { readonly isRight: boolean; readonly next: GatewayCode | null } =>
  known.mac === mac
    ? { isRight: true, next: null }
    : { isRight: false, next: oneMoreWrong(known, address) }

const oneMoreWrong = (known: GatewayCode, address: string | null): GatewayCode => ({
  ...known,
  wrongTries: known.wrongTries + 1,
  wrongBy:
    address === null
      ? known.wrongBy
      : { ...known.wrongBy, [address]: (known.wrongBy[address] ?? 0) + 1 },
})
