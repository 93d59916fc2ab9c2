/**
 * The gate of the fifth layer: may this session run a command, and how little does it get? Pure:
 * it decides from policy alone and starts nothing. There is no outcome in which a command runs on
 * the host.
 */
import {
  effectiveAccess,
  effectiveImage,
  effectiveMode,
  effectiveScope,
  type SandboxMode,
  type SandboxPolicy,
  type SandboxScope,
  type WorkspaceAccess,
} from '../domain/config/sandbox-policy.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { PinnedPackage } from '../domain/sandbox-package.ts'
import type { SessionKind } from '../domain/session-key.ts'
import { effectiveLimits, type SandboxLimits } from './limits.ts'

export type { SandboxMode, SandboxScope, WorkspaceAccess }

export interface ConfineInput {
  /** From the outermost: the tenant's, its agents' defaults, the agent's own. */
  readonly levels: readonly SandboxPolicy[]
  readonly sessionKind: SessionKind
  readonly hasRunner: boolean
  /** The agent's own, in the one order. */
  readonly packages: readonly PinnedPackage[]
}

export interface Confinement {
  readonly scope: SandboxScope
  readonly access: WorkspaceAccess
  readonly limits: SandboxLimits
  /** Null: the runner's own image. */
  readonly image: string | null
  /** On top of that; empty with any other image. */
  readonly packages: readonly PinnedPackage[]
  /** File tools that change the workspace follow its access: `ro` and `none` take them away. */
  readonly mayWriteFiles: boolean
}

export type IsolationRefusal =
  | { readonly kind: 'sandbox_off'; readonly message: string }
  | { readonly kind: 'main_session'; readonly message: string }
  | { readonly kind: 'sandbox_unavailable'; readonly message: string }
  | { readonly kind: 'packages_without_image'; readonly message: string }

const PACKAGES_WITHOUT_IMAGE =
  'the agent has packages, and its sandbox policy names an image: packages go on top of the runner’s own image only'

export function confine(input: ConfineInput): Result<Confinement, IsolationRefusal> {
  const { levels, sessionKind, hasRunner, packages } = input
  const mode = effectiveMode(levels)
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
  const image = effectiveImage(levels)
  // Run without them, the agent would fail in ways that nobody can explain.
  if (image !== null && packages.length > 0) {
    return err({ kind: 'packages_without_image', message: PACKAGES_WITHOUT_IMAGE })
  }
  return ok({
    scope: effectiveScope(levels),
    access,
    limits: effectiveLimits(levels.map(({ limits }) => limits)),
    image,
    packages,
    mayWriteFiles: access === 'rw',
  })
}
