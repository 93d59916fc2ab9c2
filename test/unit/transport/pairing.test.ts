import { describe, expect, it } from 'vitest'
import {
  freshGatewayCode,
  GATEWAY_CODE_MS,
  isAddressBurnt,
  isGatewayCodeLive,
  isTokenDue,
  MAX_WRONG_GATEWAY_CODES,
  MAX_WRONG_GATEWAY_CODES_OF_ADDRESS,
  pairingStatus,
  roleOfDevice,
  tryGatewayCode,
} from '../../../src/transport/pairing.ts'

const NOW = 1_700_000_000_000

describe('how a request stands', () => {
  const row = { status: 'pending', expiresAt: NOW + 1, tokenDeliveredAt: null }

  it('is pending until it is answered', () => {
    expect(pairingStatus(row, NOW)).toBe('pending')
    expect(pairingStatus({ ...row, status: 'approved' }, NOW)).toBe('approved')
    expect(pairingStatus({ ...row, status: 'approved_viewer' }, NOW)).toBe('approved')
  })

  it('is over once it expired, and says no more of a refusal or a revocation', () => {
    for (const status of ['pending', 'approved', 'approved_viewer']) {
      expect(pairingStatus({ ...row, status, expiresAt: NOW }, NOW), status).toBe('expired')
    }
    for (const status of ['denied', 'revoked', 'a state of tomorrow']) {
      expect(pairingStatus({ ...row, status }, NOW), status).toBe('expired')
    }
  })

  it('makes a token due once, and only after a yes', () => {
    const approved = { ...row, status: 'approved' }
    expect(isTokenDue(approved, NOW)).toBe(true)
    expect(isTokenDue({ ...approved, tokenDeliveredAt: NOW - 1 }, NOW)).toBe(false)
    expect(isTokenDue({ ...approved, expiresAt: NOW }, NOW)).toBe(false)
    for (const status of ['pending', 'denied', 'revoked']) {
      expect(isTokenDue({ ...row, status }, NOW), status).toBe(false)
    }
  })
})

describe('what a device is worth', () => {
  const device = {
    status: 'approved',
    senderId: 'browser-1',
    userId: 'device:browser-1',
    memberRole: null,
    memberStatus: null,
    deciderRole: null,
    deciderStatus: null,
    isSuspendedAbove: false,
    tokenExpiresAt: NOW + 1,
  }
  const member = { ...device, userId: 'anna', memberRole: 'owner', memberStatus: 'active' } as const

  it('is what it was let in as, for a user of its own', () => {
    expect(roleOfDevice(device, NOW)).toBe('operator')
    expect(roleOfDevice({ ...device, status: 'approved_viewer' }, NOW)).toBe('viewer')
  })

  it('is an operator at most, whoever it acts as, and what a lesser member is', () => {
    expect(roleOfDevice(member, NOW)).toBe('operator')
    expect(roleOfDevice({ ...member, memberRole: 'viewer' }, NOW)).toBe('viewer')
    expect(roleOfDevice({ ...member, status: 'approved_viewer' }, NOW)).toBe('viewer')
    expect(roleOfDevice({ ...device, memberRole: 'viewer', memberStatus: 'active' }, NOW)).toBe(
      'viewer',
    )
  })

  it('is nothing once the person is no member, or suspended', () => {
    expect(roleOfDevice({ ...member, memberRole: null, memberStatus: null }, NOW)).toBeNull()
    expect(roleOfDevice({ ...member, memberStatus: 'suspended' }, NOW)).toBeNull()
    // Under the name of another device, it is no user of its own.
    expect(roleOfDevice({ ...device, userId: 'device:browser-2' }, NOW)).toBeNull()
  })

  it('is no more than whoever let it in is now, where it is nobody else', () => {
    const decided = { ...device, deciderRole: 'admin', deciderStatus: 'active' } as const
    expect(roleOfDevice(decided, NOW)).toBe('operator')
    expect(roleOfDevice({ ...decided, deciderRole: 'viewer' }, NOW)).toBe('viewer')
    expect(roleOfDevice({ ...decided, deciderStatus: 'suspended' }, NOW)).toBeNull()
    // As a member it is what they are; the admin may hold it all the same.
    expect(roleOfDevice({ ...member, deciderRole: 'viewer' }, NOW)).toBe('operator')
    expect(roleOfDevice({ ...member, deciderStatus: 'suspended' }, NOW)).toBeNull()
    expect(roleOfDevice({ ...member, isSuspendedAbove: true }, NOW)).toBeNull()
  })

  it('is nothing before an approval, after a revocation and after its time', () => {
    for (const status of ['pending', 'denied', 'revoked', 'approved_owner']) {
      expect(roleOfDevice({ ...device, status }, NOW), status).toBeNull()
    }
    expect(roleOfDevice({ ...device, tokenExpiresAt: NOW }, NOW)).toBeNull()
    expect(roleOfDevice({ ...device, tokenExpiresAt: null }, NOW)).toBeNull()
    expect(roleOfDevice({ ...device, userId: null }, NOW)).toBeNull()
  })
})

describe('the code of the first set-up', () => {
  const fresh = freshGatewayCode('mac', NOW)

  it('lives ten minutes', () => {
    expect(isGatewayCodeLive(undefined, NOW)).toBe(false)
    expect(isGatewayCodeLive(fresh, NOW + GATEWAY_CODE_MS - 1)).toBe(true)
    expect(isGatewayCodeLive(fresh, NOW + GATEWAY_CODE_MS)).toBe(false)
  })

  it('is used up by the right digits, and counts the wrong ones', () => {
    expect(tryGatewayCode(fresh, 'mac', null)).toEqual({ isRight: true, next: null })
    const wrong = tryGatewayCode(fresh, 'other', null)
    expect(wrong).toEqual({ isRight: false, next: { ...fresh, wrongTries: 1 } })
  })

  it('is burnt by the twentieth wrong try, and lives with nineteen', () => {
    let code = fresh
    for (let i = 1; i <= MAX_WRONG_GATEWAY_CODES; i++) {
      expect(isGatewayCodeLive(code, NOW), `before try ${i}`).toBe(true)
      code = tryGatewayCode(code, 'other', null).next ?? code
    }
    expect(MAX_WRONG_GATEWAY_CODES).toBe(20)
    expect(isGatewayCodeLive(code, NOW)).toBe(false)
  })

  it('takes five wrong tries of an address, as long as addresses are told apart', () => {
    let [told, untold] = [fresh, fresh]
    for (let i = 0; i < MAX_WRONG_GATEWAY_CODES_OF_ADDRESS; i++) {
      expect(isAddressBurnt(told, '192.0.2.1')).toBe(false)
      told = tryGatewayCode(told, 'other', '192.0.2.1').next ?? told
      untold = tryGatewayCode(untold, 'other', null).next ?? untold
    }
    expect(isAddressBurnt(told, '192.0.2.1')).toBe(true)
    expect(isAddressBurnt(told, '192.0.2.2')).toBe(false)
    expect(isAddressBurnt(told, 'constructor')).toBe(false)
    expect(isAddressBurnt(untold, null)).toBe(false)
    expect(isGatewayCodeLive(told, NOW)).toBe(true)
  })
})
