/**
 * The gate of the fifth layer: may this session run a command, and how little does it get? Pure:
 * it decides from policy alone and starts nothing. There is no outcome in which a command runs on
 * the host.
 */
import {
  effectiveAccess,
  type SandboxPolicy,
  tightest,
  type WorkspaceAccess,
} from '../domain/config/sandbox-policy.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { SessionKind } from '../domain/session-key.ts'
import { effectiveLimits, type SandboxLimits } from './limits.ts'

export type SandboxMode = NonNullable<SandboxPolicy['mode']>
export type SandboxScope = NonNullable<SandboxPolicy['scope']>
export type { WorkspaceAccess }

export interface ConfineInput {
  /** From the outermost: the tenant's, its agents' defaults, the agent's own. */
  readonly levels: readonly SandboxPolicy[]
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

const MODES: readonly SandboxMode[] = ['off', 'non-main', 'all']

export function confine(input: ConfineInput): Result<Confinement, IsolationRefusal> {
  const { levels, sessionKind, hasRunner } = input
  const mode = tightest(
    MODES,
    DEFAULT_MODE,
    levels.map((level) => level.mode),
  )
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
  const access = effectiveAccess(levels)
  // What is a place and no right is the nearest level's to say.
  const nearest = <Key extends 'scope' | 'image'>(key: Key): SandboxPolicy[Key] =>
    levels.findLast((level) => level[key] !== undefined)?.[key]
  return ok({
    scope: nearest('scope') ?? DEFAULT_SCOPE,
    access,
    limits: effectiveLimits(levels.map(({ limits }) => limits)),
    image: nearest('image') ?? null,
    mayWriteFiles: access === 'rw',
  })
}
