import { describe, expect, it } from 'vitest'
import { DEFAULT_TENANT_CONFIG } from '../../../src/domain/config/tenant-config.ts'
import {
  addressRunBucket,
  sessionRunBucket,
  userRunBucket,
} from '../../../src/transport/rate-limit.ts'
import { eventOfRefusal } from '../../../src/transport/refusal.ts'

describe('eventOfRefusal', () => {
  it('names the event and the address', () => {
    const event = eventOfRefusal(
      { kind: 'locked_out', credentialKind: 'api_key', retryAfterMs: 5 },
      '203.0.113.7',
    )
    expect(event).toEqual({
      name: 'locked_out',
      severity: 'warn',
      fields: { client_address: '203.0.113.7', credential_kind: 'api_key' },
    })
  })

  it('cuts an origin of the caller to a bounded length', () => {
    const event = eventOfRefusal(
      { kind: 'origin_not_allowed', origin: `https://${'e'.repeat(5_000)}` },
      'local',
    )
    expect(String(event?.fields['origin']).length).toBe(200)
  })

  it('raises none for a plain mistake', () => {
    expect(eventOfRefusal({ kind: 'json_malformed' }, 'local')).toBeNull()
    expect(eventOfRefusal({ kind: 'credential_missing' }, 'local')).toBeNull()
  })
})

describe('run buckets', () => {
  const settings = DEFAULT_TENANT_CONFIG.gateway

  it('carry the tenant settings', () => {
    expect(userRunBucket(settings, 0)).toEqual({ bucket: 'runs', ratePerMinute: 20, burst: 5 })
    expect(addressRunBucket(settings, '203.0.113.7')).toEqual({
      bucket: 'runs:203.0.113.7:120:30',
      ratePerMinute: 120,
      burst: 30,
    })
    expect(sessionRunBucket(settings)).toMatchObject({ bucket: 'session', ratePerMinute: 60 })
  })

  it('let no tenant allow more than the platform does, nor switch that off', () => {
    const rateOf = (rpm: number, ceiling: number): number =>
      userRunBucket({ ...settings, rate_limit_rpm: rpm }, ceiling).ratePerMinute
    expect(rateOf(1_000, 100)).toBe(100)
    expect(rateOf(50, 100)).toBe(50)
    expect(rateOf(0, 100)).toBe(100)
    expect(rateOf(0, 0)).toBe(0)
  })
})
