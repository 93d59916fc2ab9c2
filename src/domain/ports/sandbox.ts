/** Where a command runs: never here. Implemented by `isolation/` over the sandbox-runner's wire. */
import type { Result } from '../result.ts'
import type { ManifestEntry, WorkspaceManifest } from './workspace.ts'

/** A registered binary with its credential, in a container of its own that nothing else ever sees. */
export interface CredentialedExec {
  /** Runs as it stands: no shell reads it. */
  readonly argv: readonly string[]
  /** For this process alone, on top of PATH, HOME and LANG. */
  readonly env: Readonly<Record<string, string>>
  /** All that the container may reach; none means no network. */
  readonly hosts: readonly string[]
  /** Looks at the very files that the container would get; a sentence keeps it from starting. */
  readonly admit: (files: WorkspaceManifest) => Promise<string | null>
  /** A file that holds the credential is not taken back. */
  readonly isSecretIn: (text: string) => boolean
}

export interface SandboxExecRequest {
  /** Idempotency at the runner: the same id reattaches, it never runs a second time. */
  readonly execId: string
  /**
   * The call may have been started before (a resumed run): attach to the runner's record or report
   * `outcome_unknown`. A runner that restarted has lost the record, and must not run it again.
   */
  readonly isResumed: boolean
  readonly command: string
  /** Set: this runs, and `command` is only what was asked for. */
  readonly credentialed?: CredentialedExec
  /** Runs only on this state of the workspace: what a human approved. Absent: on whatever there is. */
  readonly workspaceRoot?: string
  readonly cwd: string
  readonly stdin?: string
  readonly timeoutSeconds?: number
  /** The conversation holds text from outside: every file that the command writes is labelled. */
  readonly hasSeenUntrusted: boolean
}

export interface SandboxExecResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly isTruncated: boolean
  readonly isTimedOut: boolean
  readonly isOutOfMemory: boolean
  readonly durationMs: number
  /** Workspace paths whose conflicting versions were kept beside the original. */
  readonly conflicts: readonly string[]
  /** Workspace files that the command overwrote or deleted, as a commit tells them. */
  readonly replaced: readonly ManifestEntry[]
  /** The command could read a file that is labelled as text from outside: so may its output be. */
  readonly sawUntrusted: boolean
}

export type SandboxFailure =
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'capacity'; readonly message: string; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'cancelled'; readonly message: string }
  /** The job had started and its end cannot be learnt: it may or may not have happened. */
  | { readonly kind: 'outcome_unknown'; readonly message: string }
  /** The message may hold names that the command made. */
  | {
      readonly kind: 'workspace_rejected'
      readonly message: string
      readonly sawUntrusted: boolean
    }

export interface SandboxPort {
  exec(
    request: SandboxExecRequest,
    options: {
      readonly signal: AbortSignal
      /** Called when the start is delayed (image being built, capacity), with a reason to show. */
      readonly onSlow: (reason: string) => void
    },
  ): Promise<Result<SandboxExecResult, SandboxFailure>>
}
