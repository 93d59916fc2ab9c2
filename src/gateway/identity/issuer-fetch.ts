/** The way to an issuer, whose address a tenant chose: small answers, soon, and no redirect. */
import type { TenantId } from '../../domain/ids.ts'
import type { Fetch } from '../../domain/model.ts'
import type { Settings } from '../env.ts'
import { guardedWay } from '../guarded-way.ts'

/** Key sets and discovery documents of large providers have some 20 KB. */
const MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 5_000

export interface IssuerWay {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly now: () => number
}

export const issuerFetch = (
  way: IssuerWay,
  { allowPrivateNetwork }: { readonly allowPrivateNetwork: boolean },
): Fetch =>
  guardedWay(
    { ...way, purpose: 'issuers' },
    { allowPrivateNetwork, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, isStreamed: false },
  ).fetch
