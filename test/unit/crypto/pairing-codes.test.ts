import { describe, expect, it } from 'vitest'
import {
  createDeviceToken,
  hashDeviceToken,
  tenantOfDeviceToken,
} from '../../../src/crypto/device-token.ts'
import { gatewayCodeMac } from '../../../src/crypto/gateway-code.ts'
import { parseKeyRing } from '../../../src/crypto/keys.ts'
import { newGatewayCode, newPairingCode } from '../../../src/crypto/random.ts'
import { tenantIdSchema } from '../../../src/domain/ids.ts'

function countsOf(make: () => string, times: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < times; i++) {
    for (const char of make()) counts.set(char, (counts.get(char) ?? 0) + 1)
  }
  return counts
}

describe('the code of a browser', () => {
  it('is eight letters and digits that nobody mistakes for each other', () => {
    for (let i = 0; i < 1_000; i++) {
      expect(newPairingCode()).toMatch(/^[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{8}$/)
    }
  })

  it('uses every one of the 32 equally often', () => {
    const counts = countsOf(newPairingCode, 20_000)
    expect(counts.size).toBe(32)
    // 5,000 of each are expected; 6 standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 5_000)).toBeLessThan(420)
  })
})

describe('the code of the gateway', () => {
  it('is six digits, each of them equally often, leading zeros too', () => {
    const counts = countsOf(newGatewayCode, 200_000)
    expect([...counts.keys()].toSorted().join('')).toBe('0123456789')
    // 120,000 of each are expected; 6 standard deviations. A byte taken modulo 10 without rejection
    // would leave the last four digits 2,812 short.
    for (const count of counts.values()) expect(Math.abs(count - 120_000)).toBeLessThan(1_970)
    const zeros = Array.from({ length: 10_000 }, newGatewayCode).filter((code) => code[0] === '0')
    expect(Math.abs(zeros.length - 1_000)).toBeLessThan(190)
    expect(newGatewayCode()).toMatch(/^\d{6}$/)
  })

  it('is kept under a key: the same code of another gateway is another value', async () => {
    const ringOf = (key: string) => {
      const ring = parseKeyRing({ current: key.repeat(32) })
      if (!ring.ok) throw new Error(ring.error)
      return ring.value
    }
    const ours = await gatewayCodeMac(ringOf('a1'), '123456')
    expect(ours).toMatch(/^[0-9a-f]{64}$/)
    expect(await gatewayCodeMac(ringOf('a1'), '123456')).toBe(ours)
    expect(await gatewayCodeMac(ringOf('a1'), '123457')).not.toBe(ours)
    expect(await gatewayCodeMac(ringOf('b2'), '123456')).not.toBe(ours)
  })
})

describe('the token of a device', () => {
  it('leads to its tenant, and is no other text', async () => {
    const tenantId = tenantIdSchema.parse('ten_acme')
    const { token, hash } = await createDeviceToken(tenantId)
    expect(token).toMatch(/^edv_acme_[A-Za-z0-9_-]{43}$/)
    expect(hash).toBe(await hashDeviceToken(token))
    expect(hash).not.toContain(token.slice(9))
    expect(tenantOfDeviceToken(token)).toBe(tenantId)
    for (const other of [
      '',
      `${token}x`,
      token.slice(0, -1),
      token.replace('edv', 'ec'),
      ` ${token}`,
    ]) {
      expect(tenantOfDeviceToken(other), other).toBeNull()
    }
  })
})
