/** The limits that a job runs under: the platform's ceilings, narrowed by tenant, agent and call. */
import { SANDBOX_CEILINGS, type SandboxPolicy } from '../domain/config/sandbox-policy.ts'

export interface SandboxLimits {
  readonly memoryMb: number
  readonly cpus: number
  readonly pids: number
  readonly timeoutSeconds: number
  readonly outputBytes: number
}

export const CEILINGS: SandboxLimits = SANDBOX_CEILINGS

type ConfiguredLimits = NonNullable<SandboxPolicy['limits']>

/** Of each limit the smallest that anybody set: whoever comes later can only tighten. */
export function effectiveLimits(
  levels: readonly (ConfiguredLimits | undefined)[],
  ceilings: SandboxLimits = CEILINGS,
): SandboxLimits {
  const least = (ceiling: number, name: keyof ConfiguredLimits): number =>
    Math.min(ceiling, ...levels.map((level) => level?.[name] ?? ceiling))
  return {
    memoryMb: least(ceilings.memoryMb, 'memory_mb'),
    cpus: least(ceilings.cpus, 'cpus'),
    pids: least(ceilings.pids, 'pids'),
    timeoutSeconds: least(ceilings.timeoutSeconds, 'timeout_seconds'),
    outputBytes: least(ceilings.outputBytes, 'output_bytes'),
  }
}

/** A call's own time-out counts where it is shorter; nonsense counts for nothing. */
export const callTimeoutSeconds = (limits: SandboxLimits, asked: number | undefined): number =>
  asked === undefined || !(asked > 0)
    ? limits.timeoutSeconds
    : Math.min(limits.timeoutSeconds, Math.max(1, Math.ceil(asked)))
