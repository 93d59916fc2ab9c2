import { describe, expect, it } from 'vitest'
import { userIdSchema } from '../../../src/domain/ids.ts'
import {
  accountOf,
  checkApproval,
  mayPair,
  senderIdSchema,
  userOfDevice,
} from '../../../src/domain/pairing.ts'
import {
  type Principal,
  principalSchema,
  type Role,
  type Scope,
} from '../../../src/domain/principal.ts'

const principal = (
  role: Role,
  kind: Principal['credential']['kind'],
  scopes: readonly Scope[],
): Principal =>
  principalSchema.parse({
    tenantId: 'ten_acme',
    userId: 'anna',
    role,
    scopes,
    isMasterScope: false,
    credential: { kind, id: 'c', expiresAt: null },
    authVersion: 1,
    clientAddress: 'local',
    channel: null,
  })

const ADMIN = principal('admin', 'jwt', ['operator.admin'])
const PAIRER = principal('operator', 'api_key', ['operator.pairing', 'operator.write'])
const BARE_PAIRER = principal('operator', 'api_key', ['operator.pairing'])
const VIEWING_PAIRER = principal('viewer', 'api_key', ['operator.pairing', 'operator.read'])
const OPERATOR = principal('operator', 'jwt', [
  'operator.read',
  'operator.write',
  'operator.pairing',
])
const WRITER = principal('operator', 'api_key', ['operator.write'])

const user = (id: string) => userIdSchema.parse(id)
const wanted = { senderId: 'browser-1', userId: null, role: 'operator' } as const

describe('who may pair', () => {
  it('is an admin, and a key that was made for just that', () => {
    expect(mayPair(ADMIN)).toBe(true)
    expect(mayPair(PAIRER)).toBe(true)
  })

  it('is no operator in person, whose role brings the scope along, and no other key', () => {
    expect(mayPair(OPERATOR)).toBe(false)
    expect(mayPair(WRITER)).toBe(false)
    expect(checkApproval(OPERATOR, wanted)).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
  })
})

describe('an approval', () => {
  it('makes the device somebody new when nobody is named', () => {
    const own = { userId: 'device:browser-1', role: 'operator' }
    expect(checkApproval(ADMIN, wanted)).toEqual({ ok: true, value: own })
    expect(checkApproval(PAIRER, wanted)).toEqual({ ok: true, value: own })
    const named = { ...wanted, userId: user('device:browser-1') }
    expect(checkApproval(PAIRER, named)).toEqual({ ok: true, value: own })
  })

  it('gives no role above the one of who approves', () => {
    expect(checkApproval(VIEWING_PAIRER, wanted)).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    expect(checkApproval(VIEWING_PAIRER, { ...wanted, role: 'viewer' }).ok).toBe(true)
  })

  it('gives no scope that who approves lacks: a key for pairing alone would hand out runs', () => {
    for (const role of ['viewer', 'operator'] as const) {
      expect(checkApproval(BARE_PAIRER, { ...wanted, role })).toMatchObject({
        error: { code: 'UNAUTHORIZED' },
      })
    }
    const reading = principal('operator', 'api_key', ['operator.pairing', 'operator.read'])
    expect(checkApproval(reading, { ...wanted, role: 'viewer' }).ok).toBe(true)
    expect(checkApproval(reading, wanted).ok).toBe(false)
  })

  it('lets a device act as a person for an admin alone, and as another device for nobody', () => {
    const asBob = { ...wanted, userId: user('bob') }
    expect(checkApproval(ADMIN, asBob)).toMatchObject({ value: { userId: 'bob' } })
    expect(checkApproval(PAIRER, asBob)).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    const asOther = { ...wanted, userId: user('device:browser-2') }
    expect(checkApproval(ADMIN, asOther)).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
  })
})

describe('a sender’s name', () => {
  it('is printable ASCII, so that it can hide nothing from who reads it', () => {
    for (const id of ['a', 'b2f1-4c', `${'x'.repeat(128)}`, 'user@host:1/~']) {
      expect(senderIdSchema.safeParse(id).success, id).toBe(true)
      expect(userOfDevice(id)).toBe(`device:${id}`)
    }
    for (const id of ['', 'a b', 'a\n', '\u202ea', 'é', '\u0000', 'x'.repeat(129)]) {
      expect(senderIdSchema.safeParse(id).success, JSON.stringify(id)).toBe(false)
    }
  })
})

describe('the account that open requests are counted for', () => {
  it('is the address, and the sender where all share one', () => {
    expect(accountOf('203.0.113.7')).toBe('address')
    expect(accountOf('2001:db8:1:2::/64')).toBe('address')
    expect(accountOf('unknown')).toBe('address')
    expect(accountOf('local')).toBe('sender')
  })
})
