/** The limits of a job as a gateway sends it for whom nothing is configured. */
import type { WireLimits } from '../../../src/isolation/contract.ts'
import { effectiveLimits } from '../../../src/isolation/limits.ts'

const { timeoutSeconds, ...others } = effectiveLimits([])

export const LIMITS: WireLimits = { ...others, timeoutMs: timeoutSeconds * 1_000 }
