/** Where a run's commands go: the isolation gate's decision, turned into a sandbox or into none. */
import type { Services } from '../api/context.ts'
import type { RunnerSignKey } from '../crypto/job-token.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { SandboxPolicy } from '../domain/config/sandbox-policy.ts'
import type { SandboxPort } from '../domain/ports/sandbox.ts'
import type { ActiveSpan } from '../domain/ports/tracer.ts'
import type { WorkspacePort } from '../domain/ports/workspace.ts'
import { err } from '../domain/result.ts'
import { pinsOf } from '../domain/sandbox-package.ts'
import { securityEvent } from '../domain/security-event.ts'
import type { SessionKind } from '../domain/session-key.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { confine } from '../isolation/confine.ts'
import { createRunnerSandbox, type ExecAssignments } from '../isolation/runner-client.ts'
import { workspaceId } from '../isolation/workspace-id.ts'
import type { Report } from './emit.ts'
import { onRunnerTrouble } from './runner-trouble.ts'
import { runnerFetch } from './services.ts'
import { traceExec } from './traced-exec.ts'
import type { TurnRequest } from './turn-request.ts'

export interface ConfineParts {
  readonly request: TurnRequest
  readonly snapshot: TenantSnapshot
  readonly agent: AgentRecord
  /** What the run's own agent and whoever it acts for say of the sandbox. */
  readonly levels: readonly SandboxPolicy[]
  readonly sessionKind: SessionKind
  readonly services: Services
  readonly signKey: Promise<RunnerSignKey> | null
  readonly assignments: ExecAssignments
  /** The call may have been started before a crash: attach to it, never start it again. */
  readonly isResumed: boolean
  readonly report: Report
  /** The state of the workspace that a human approved the command for; null: whatever it is. */
  readonly workspaceRoot: string | null
  /** Of the call that may run commands. */
  readonly span: ActiveSpan
}

export interface Confined {
  readonly workspace: WorkspacePort
  /** Null when no command may run, or none can: there is nothing to fall back to. */
  readonly sandbox: SandboxPort | null
}

export function confineRun(parts: ConfineParts): Confined {
  const { request, snapshot, agent, services, signKey, assignments, isResumed, workspaceRoot } =
    parts
  const { runners } = request.settings
  const workspace = services.workspace(snapshot.tenantId, agent.id, request.workspaceUser)
  const confined = confine({
    levels: parts.levels,
    sessionKind: parts.sessionKind,
    hasRunner: runners.length > 0 && signKey !== null,
    packages: pinsOf(agent.packages),
  })
  if (!confined.ok && confined.error.kind === 'packages_without_image') {
    const { message } = confined.error
    return { workspace, sandbox: { exec: async () => err({ kind: 'refused', message }) } }
  }
  if (!confined.ok || signKey === null) return { workspace, sandbox: null }
  const { access, scope, limits, image, packages } = confined.value
  const sandbox: SandboxPort = {
    exec: async (exec, options) => {
      const traced = traceExec(parts.span, services.now)
      const running = createRunnerSandbox({
        runners,
        signKey: await signKey,
        fetch: runnerFetch,
        workspace,
        tenant: snapshot.tenantId,
        session: request.sessionKey.text,
        workspaceId: workspaceId(snapshot.tenantId, agent.id, request.workspaceUser),
        access,
        scope,
        limits,
        ...(image === null ? {} : { image }),
        ...(packages.length === 0 ? {} : { packages }),
        now: services.now,
        onTrouble: onRunnerTrouble,
        assignments,
        ...traced.options,
      }).exec({ ...exec, isResumed, ...(workspaceRoot === null ? {} : { workspaceRoot }) }, options)
      const result = await traced.result(running)
      // Links out of the workspace, names that no path may have, a secret in a file: whoever made
      // them may have meant it.
      if (!result.ok && result.error.kind === 'workspace_rejected') {
        parts.report(securityEvent('sandbox_violation', { reason: 'workspace_rejected' }))
      }
      return result
    },
  }
  return { workspace, sandbox }
}
