/** Nouns of the shell judge that the rest of `tools/` needs: policy in, simple commands out. */
import type { ExecApproval, ShellDenyGroup } from '../../domain/config/tool-policy.ts'

export interface ShellPolicy {
  readonly denyGroups: ReadonlySet<ShellDenyGroup>
  /** Null: any command that no group denies. */
  readonly allowedCommands: readonly string[] | null
  readonly approval: ExecApproval
  /** Of whoever the run acts for: each of them is asked, and the strictest answer holds. */
  readonly approvalsAbove?: readonly ExecApproval[]
}

/** One simple command, behind its wrappers, as allowlists and approvals see it. */
export interface SimpleCommand {
  /** The command word as it will be looked up: a bare name or a path. */
  readonly name: string
  /** Arguments; null where the value is only known when it runs. */
  readonly args: readonly (string | null)[]
  /** Whether the name may be trusted to mean the image's program: no PATH, alias or function games. */
  readonly isTrusted: boolean
  /** Index of the command that runs this one in its turn; null where the shell itself does. */
  readonly wrapper: number | null
}
