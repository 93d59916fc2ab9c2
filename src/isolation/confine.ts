/**
 * The gate of the fifth layer: may this session run a command, and how little does it get? Pure:
 * it decides from policy alone and starts nothing. There is no outcome in which a command runs on
 * the host.
 */
import type { SandboxPolicy } from '../domain/config/sandbox-policy.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { SessionKind } from '../domain/session-key.ts'
import { effectiveLimits, type SandboxLimits } from './limits.ts'

export type SandboxMode = NonNullable<SandboxPolicy['mode']>
export type SandboxScope = NonNullable<SandboxPolicy['scope']>
export type WorkspaceAccess = NonNullable<SandboxPolicy['workspace_access']>

export interface ConfineInput {
  readonly tenant: SandboxPolicy
  readonly agent?: SandboxPolicy | undefined
  readonly sessionKind: SessionKind
  readonly hasRunner: boolean
}

export interface Confinement {
  readonly scope: SandboxScope
  readonly access: WorkspaceAccess
  readonly limits: SandboxLimits
  /** Null: the runner's own image. */
  readonly image: string | null
  /** File tools that change the workspace follow its access: `ro` and `none` take them away. */
  readonly mayWriteFiles: boolean
}

export type IsolationRefusal =
  | { readonly kind: 'sandbox_off'; readonly message: string }
  | { readonly kind: 'main_session'; readonly message: string }
  | { readonly kind: 'sandbox_unavailable'; readonly message: string }

export const DEFAULT_MODE: SandboxMode = 'all'
export const DEFAULT_SCOPE: SandboxScope = 'session'
export const DEFAULT_ACCESS: WorkspaceAccess = 'rw'

const MODES: readonly SandboxMode[] = ['off', 'non-main', 'all']
const ACCESSES: readonly WorkspaceAccess[] = ['none', 'ro', 'rw']

const narrower = <Value>(order: readonly Value[], a: Value, b: Value): Value =>
  order.indexOf(a) <= order.indexOf(b) ? a : b

/**
 * The agent's setting stands over the tenant's, except that what the tenant closed stays closed:
 * a mode the tenant set is only narrowed, and so is access.
 */
function layered<Value>(
  order: readonly Value[],
  fallback: Value,
  tenant: Value | undefined,
  agent: Value | undefined,
): Value {
  if (tenant === undefined) return agent ?? fallback
  return agent === undefined ? tenant : narrower(order, tenant, agent)
}

export const effectiveAccess = (
  tenant: SandboxPolicy,
  agent: SandboxPolicy | undefined,
): WorkspaceAccess =>
  layered(ACCESSES, DEFAULT_ACCESS, tenant.workspace_access, agent?.workspace_access)

export function confine(input: ConfineInput): Result<Confinement, IsolationRefusal> {
  const { tenant, agent, sessionKind, hasRunner } = input
  const mode = layered(MODES, DEFAULT_MODE, tenant.mode, agent?.mode)
  if (mode === 'off') {
    return err({ kind: 'sandbox_off', message: 'commands are switched off (sandbox mode off)' })
  }
  // The main session is the one that would run on the host elsewhere; here it just has no shell.
  if (mode === 'non-main' && sessionKind === 'main') {
    return err({
      kind: 'main_session',
      message: 'commands are switched off in the main session (sandbox mode non-main)',
    })
  }
  if (!hasRunner) return err({ kind: 'sandbox_unavailable', message: 'sandbox unavailable' })
  const access = effectiveAccess(tenant, agent)
  return ok({
    scope: agent?.scope ?? tenant.scope ?? DEFAULT_SCOPE,
    access,
    limits: effectiveLimits([tenant.limits, agent?.limits]),
    image: agent?.image ?? tenant.image ?? null,
    mayWriteFiles: access === 'rw',
  })
}
