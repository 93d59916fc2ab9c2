import { describe, expect, it } from 'vitest'
import {
  GATEWAY_CODE_MS,
  isGatewayCodeLive,
  isTokenDue,
  MAX_WRONG_GATEWAY_CODES,
  pairingStatus,
  renewGatewayCode,
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
  const renewed = (...args: Parameters<typeof renewGatewayCode>) => {
    const code = renewGatewayCode(...args)
    if (!code.ok) throw new Error(code.error)
    return code.value
  }
  const fresh = renewed(undefined, 'mac', NOW)

  it('lives ten minutes', () => {
    expect(isGatewayCodeLive(undefined, NOW)).toBe(false)
    expect(isGatewayCodeLive(fresh, NOW + GATEWAY_CODE_MS - 1)).toBe(true)
    expect(isGatewayCodeLive(fresh, NOW + GATEWAY_CODE_MS)).toBe(false)
  })

  it('is used up by the right digits, and counts the wrong ones', () => {
    expect(tryGatewayCode(fresh, 'mac')).toEqual({ isRight: true, next: null })
    const wrong = tryGatewayCode(fresh, 'other')
    expect(wrong).toEqual({ isRight: false, next: { ...fresh, wrongTries: 1 } })
  })

  it('is burnt by the twentieth wrong try, and lives with nineteen', () => {
    let code = fresh
    for (let i = 1; i <= MAX_WRONG_GATEWAY_CODES; i++) {
      expect(isGatewayCodeLive(code, NOW), `before try ${i}`).toBe(true)
      code = tryGatewayCode(code, 'other').next ?? code
    }
    expect(MAX_WRONG_GATEWAY_CODES).toBe(20)
    expect(isGatewayCodeLive(code, NOW)).toBe(false)
  })

  it('hands its wrong tries on to the next one, until they are old', () => {
    const tried = { ...fresh, wrongTries: 19 }
    expect(renewed(tried, 'new', NOW + 1)).toEqual({
      mac: 'new',
      expiresAt: NOW + 1 + GATEWAY_CODE_MS,
      wrongTries: 19,
    })
    const burnt = { ...fresh, wrongTries: 20 }
    expect(renewGatewayCode(burnt, 'new', NOW + GATEWAY_CODE_MS - 1)).toMatchObject({ ok: false })
    expect(renewed(burnt, 'new', NOW + GATEWAY_CODE_MS).wrongTries).toBe(0)
  })
})
