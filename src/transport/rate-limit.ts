/**
 * Which buckets a request draws on. Starts of runs are what costs money and machines; everything
 * else shares one generous bucket. The arithmetic is in token-bucket.ts, the state in the limiter.
 */
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { BucketRequest } from '../domain/ports/limiter.ts'

type RateSettings = Pick<
  TenantConfig['gateway'],
  | 'rate_limit_rpm'
  | 'rate_limit_burst'
  | 'rate_limit_ip_rpm'
  | 'rate_limit_ip_burst'
  | 'rate_limit_session_rpm'
>

/** Per connection or credential; a dashboard's busiest page stays well below. */
export const OPERATIONS_BUCKET: BucketRequest = {
  bucket: 'operations',
  ratePerMinute: 600,
  burst: 100,
}

/** Guessing a gateway code, beside the code's own limit of wrong tries. */
export const PAIRING_BUCKET: BucketRequest = { bucket: 'pairing', ratePerMinute: 10, burst: 10 }

/** An address that has not authenticated may hold this many sockets open. */
export const MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS = 20

/**
 * The user's bucket, shared by all their sessions. The platform's ceiling holds although a tenant
 * switched its own limit off; 0 is no ceiling.
 */
export function userRunBucket(settings: RateSettings, ceilingRpm: number): BucketRequest {
  return {
    bucket: 'runs',
    ratePerMinute: withinCeiling(settings.rate_limit_rpm, ceilingRpm),
    burst: settings.rate_limit_burst,
  }
}

/** For the shard of addresses, shared by all tenants: the address itself is part of the name. */
export function addressRunBucket(settings: RateSettings, clientAddress: string): BucketRequest {
  return {
    // Tenants share the address, not its settings: none clamps or frees another's bucket.
    bucket: `runs:${clientAddress}:${settings.rate_limit_ip_rpm}:${settings.rate_limit_ip_burst}`,
    ratePerMinute: settings.rate_limit_ip_rpm,
    burst: settings.rate_limit_ip_burst,
  }
}

export function sessionRunBucket(settings: RateSettings): BucketRequest {
  return {
    bucket: 'session',
    ratePerMinute: settings.rate_limit_session_rpm,
    burst: settings.rate_limit_burst,
  }
}

function withinCeiling(ratePerMinute: number, ceilingRpm: number): number {
  if (ceilingRpm === 0) return ratePerMinute
  return ratePerMinute === 0 ? ceilingRpm : Math.min(ratePerMinute, ceilingRpm)
}
