/**
 * The sandbox port over the runners' wire: picks a runner, has the job run there once, takes its
 * changes into the workspace. Without a runner there is no command: it never falls back to anything,
 * and what may have happened is never tried again.
 */
import { sha256Hex } from '../crypto/digest.ts'
import type { RunnerSignKey } from '../crypto/job-token.ts'
import type { Fetch } from '../domain/model.ts'
import type {
  CredentialedExec,
  SandboxExecRequest,
  SandboxExecResult,
  SandboxFailure,
  SandboxPort,
} from '../domain/ports/sandbox.ts'
import type { ManifestEntry, WorkspacePort } from '../domain/ports/workspace.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { PinnedPackage } from '../domain/sandbox-package.ts'
import { commitChanges } from './commit-changes.ts'
import type { SandboxScope, WorkspaceAccess } from './confine.ts'
import {
  type ExecRequest,
  execIdSchema,
  execRequestSchema,
  type Health,
  profileText,
} from './contract.ts'
import { type Attempt, attemptExec } from './exec-attempt.ts'
import {
  BUILT,
  CANCELLED,
  type NotStarted,
  OWN_IMAGE,
  rank,
  slowReasonOf,
  toFailure,
  toRefusal,
  toUnavailable,
  troubleOf,
  UNAVAILABLE,
} from './exec-failure.ts'
import { createMissingImage } from './image-build.ts'
import { callTimeoutSeconds, type SandboxLimits } from './limits.ts'
import { type SandboxView, sandboxView, workspaceState } from './manifest-delta.ts'
import { type RunnerStates, runnerStates } from './runner-states.ts'
import {
  callRunner,
  type ExecTracing,
  type OnTrouble,
  type RunnerCaller,
  RunnerError,
  runnerHealth,
} from './runner-wire.ts'
import { preferenceOrder, type RunnerEndpoint } from './runners.ts'
import { type ToldViews, toldViews } from './told-views.ts'
import { containerHolder } from './workspace-id.ts'

/** The one image that somebody builds by themselves (`npm start`, `image/build`). */
const BUILT_IMAGE = 'edgeclaw-sandbox:bookworm-slim'
const MIN_PAUSE_MS = 200
const MAX_PAUSE_MS = 5_000
const PROBE_TIMEOUT_MS = 2_000

/**
 * Remembers, outside of this process, which runner a job was given to, before it is given: a caller
 * that was itself restarted then takes the job up there instead of starting it at another one.
 */
export interface ExecAssignments {
  chosen(execId: string): Promise<string | null>
  choose(execId: string, keyId: string): Promise<void>
}

export interface RunnerSandboxOptions {
  readonly runners: readonly RunnerEndpoint[]
  readonly signKey: RunnerSignKey
  readonly fetch: Fetch
  readonly workspace: WorkspacePort
  readonly tenant: string
  readonly session: string
  readonly workspaceId: string
  readonly access: WorkspaceAccess
  readonly scope: SandboxScope
  readonly limits: SandboxLimits
  /** Absent: the runner's own. */
  readonly image?: string
  /** On top of the runner's own image, in the one order; absent: none. */
  readonly packages?: readonly PinnedPackage[]
  readonly now: () => number
  readonly onTrouble?: OnTrouble
  /** Without it a resumed exec is looked for at every runner, and never started anew. */
  readonly assignments?: ExecAssignments
  readonly pause?: (ms: number) => Promise<void>
  readonly told?: ToldViews
  readonly states?: RunnerStates
  readonly tracing?: ExecTracing
}

type ExecOutcome = Result<SandboxExecResult, SandboxFailure>
type Exited = Extract<Attempt, { kind: 'exited' }>

interface Attempted {
  /** Null: it did not answer in time. */
  readonly health: Health | null
  readonly result: Attempt
  readonly view: SandboxView | null
}

/** Why is what a build said, and that is text of strangers: an admin reads it, no model. */
const UNBUILDABLE: SandboxFailure = {
  kind: 'unavailable',
  message: 'the image with the agent’s packages could not be built; an admin can ask why',
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The id as the wire takes it; one that it does not take keeps its identity as a hash. */
const wireExecId = async (execId: string): Promise<string> =>
  execIdSchema.safeParse(execId).success ? execId : `x${(await sha256Hex(execId)).slice(0, 40)}`

export function createRunnerSandbox(options: RunnerSandboxOptions): SandboxPort {
  const { workspace, assignments, access, runners } = options
  const pause = options.pause ?? wait
  const caller: RunnerCaller = options
  const told = options.told ?? toldViews
  const states = options.states ?? runnerStates

  /** Anew for every round: whoever has just been silent is asked last. */
  const inOrder = (): readonly RunnerEndpoint[] =>
    preferenceOrder(runners, options.workspaceId, {
      stateOf: ({ url }) => states.of(url, options.now()),
      warmAt: told.lastOf(options.workspaceId),
    })

  async function buildJob(
    execId: string,
    request: SandboxExecRequest,
  ): Promise<Omit<ExecRequest, 'workspace'>> {
    const { timeoutSeconds, ...limits } = options.limits
    const { credentialed } = request
    const profile: ExecRequest['profile'] = {
      ...(options.image === undefined ? {} : { image: options.image }),
      ...(options.packages === undefined ? {} : { packages: [...options.packages] }),
      access,
      scope: options.scope,
      network: networkOf(credentialed),
      isOneShot: credentialed !== undefined,
      limits: {
        ...limits,
        timeoutMs:
          1_000 * callTimeoutSeconds({ ...options.limits, timeoutSeconds }, request.timeoutSeconds),
      },
    }
    let cwd = request.cwd.replace(/^(?:\/workspace(?:\/|$)|\.\/|\.$)/, '')
    while (cwd.endsWith('/')) cwd = cwd.slice(0, -1)
    return {
      execId,
      profile,
      profileHash: await sha256Hex(profileText(profile)),
      holder: containerHolder(options.scope, options.workspaceId),
      command:
        credentialed === undefined
          ? { kind: 'script', script: request.command }
          : { kind: 'argv', argv: [...credentialed.argv] },
      cwd,
      env: { ...credentialed?.env },
      ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
    }
  }

  async function finish(
    execId: string,
    runner: RunnerEndpoint,
    exited: Exited,
    view: SandboxView | null,
    { credentialed, hasSeenUntrusted }: SandboxExecRequest,
    signal: AbortSignal,
  ): Promise<ExecOutcome> {
    const { exit, changes, root } = exited
    const sawUntrusted = couldSeeUntrusted(view, root)
    let conflicts: readonly string[] = []
    let replaced: readonly ManifestEntry[] = []
    let stderr = exited.stderr
    if (changes !== null && access === 'rw' && root !== null) {
      const committed = await commitChanges({
        changes,
        commitKey: execId,
        base: root,
        workspace,
        isUntrusted: hasSeenUntrusted || sawUntrusted,
        held: new Set([...(view?.entries.values() ?? [])].map(({ sha256 }) => sha256)),
        fetchBlob: (sha256) => fetchBlob(runner, execId, sha256, signal),
        ...(credentialed === undefined ? {} : { isSecretIn: credentialed.isSecretIn }),
      })
      if (!committed.ok) {
        return err({ kind: 'workspace_rejected', message: committed.error, sawUntrusted })
      }
      ;({ conflicts, replaced } = committed.value)
      if (changes.notKept > 0) {
        const newline = stderr === '' || stderr.endsWith('\n') ? '' : '\n'
        stderr += `${newline}[sandbox: ${changes.notKept} symbolic links or special files were not kept]\n`
      }
    }
    return ok({
      stdout: exited.stdout,
      stderr,
      exitCode: exit.code,
      signal: exit.signal,
      isTruncated: exited.isTruncated,
      isTimedOut: exit.timedOut,
      isOutOfMemory: exit.oom,
      durationMs: exit.durationMs,
      conflicts,
      replaced,
      sawUntrusted,
    })
  }

  async function fetchBlob(
    runner: RunnerEndpoint,
    exec: string,
    sha256: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    for (let attempt = 0; attempt < 3 && !signal.aborted; attempt += 1) {
      try {
        const path = `/v1/blobs/${sha256}`
        const response = await callRunner(caller, runner, { method: 'GET', path, exec }, signal)
        return new Uint8Array(await response.arrayBuffer())
      } catch (error) {
        if (error instanceof RunnerError) return null
        await pause(MIN_PAUSE_MS)
      }
    }
    return null
  }

  /** The runner that already has the job: as remembered, or else as the runners themselves say. */
  async function findEarlier(
    execId: string,
    isResumed: boolean,
  ): Promise<RunnerEndpoint | 'lost' | null> {
    if (assignments !== undefined) {
      const keyId = await assignments.chosen(execId)
      // Remembered before anything is sent: what is not there was never sent.
      if (keyId === null) return null
      return runners.find((runner) => runner.keyId === keyId) ?? 'lost'
    }
    if (!isResumed) return null
    const path = `/v1/exec/${encodeURIComponent(execId)}`
    const found = await Promise.all(
      runners.map(async (runner) => {
        const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS)
        const get = { method: 'GET', path, exec: execId } as const
        return callRunner(caller, runner, get, timeout).then(
          () => runner,
          () => null,
        )
      }),
    )
    return found.find((runner) => runner !== null) ?? 'lost'
  }

  async function attempt(
    runner: RunnerEndpoint,
    job: Omit<ExecRequest, 'workspace'>,
    request: SandboxExecRequest,
    isResumed: boolean,
    signal: AbortSignal,
  ): Promise<Attempted> {
    // Side by side: neither answer depends on the other.
    const [health, manifest] = await Promise.all([
      runnerHealth(caller, runner),
      access === 'none' ? null : workspace.manifest(),
    ])
    const state = health === null ? 'silent' : health.status === 'ok' ? 'well' : 'degraded'
    states.note(runner.url, state, options.now())
    if (health === null && !isResumed) {
      return { health, view: null, result: notStarted('CONNECTION', 'the runner does not answer') }
    }
    const view = manifest === null ? null : sandboxView(manifest)
    const { workspaceRoot, credentialed } = request
    if (workspaceRoot !== undefined && view?.root !== workspaceRoot && !isResumed) {
      const message = 'the workspace changed after the command was approved'
      return { health, view, result: notStarted('INVALID_JOB', message) }
    }
    const refused = isResumed || manifest === null ? null : await credentialed?.admit(manifest)
    if (typeof refused === 'string')
      return { health, view, result: notStarted('INVALID_JOB', refused) }
    const shown =
      view === null
        ? null
        : workspaceState(options.workspaceId, view, told.get(runner.keyId, options.workspaceId))
    const parsed = execRequestSchema.safeParse({ ...job, workspace: shown })
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      return {
        health,
        view,
        result: notStarted('INVALID_JOB', `${issue?.path.join('.')}: ${issue?.message}`),
      }
    }
    if (!isResumed) await assignments?.choose(job.execId, runner.keyId)
    const result = await attemptExec({
      caller,
      runner,
      job: parsed.data,
      view,
      workspace,
      isResumed,
      instance: health?.instance ?? '',
      signal,
      pause,
    })
    if (view !== null && (result.kind === 'exited' || result.kind === 'failed')) {
      told.set(runner.keyId, options.workspaceId, view)
    }
    return { health, result, view }
  }

  const notStarted = (code: NotStarted['code'], message: string): Attempt => ({
    kind: 'not_started',
    code,
    message,
    retryAfterMs: null,
  })

  /** The agent's own image, which is built by us when a job first misses it. */
  const isOfAgent = (health: Health | null): boolean =>
    options.packages !== undefined && health?.image.state !== 'missing'

  function tellTrouble({ keyId }: RunnerEndpoint, { health, result }: Attempted): void {
    const code = troubleOf(result)
    if (code === null || (code === 'IMAGE_MISSING' && isOfAgent(health))) return
    options.onTrouble?.(keyId, code)
  }

  return {
    async exec(request, { signal, onSlow }): Promise<ExecOutcome> {
      if (runners.length === 0) return err(UNAVAILABLE)
      const execId = await wireExecId(request.execId)
      const job = await buildJob(execId, request)
      const earlier = await findEarlier(execId, request.isResumed)
      if (earlier === 'lost') {
        return err({
          kind: 'outcome_unknown',
          message: 'no runner knows what became of the command',
        })
      }
      let candidates: readonly RunnerEndpoint[] = earlier === null ? inOrder() : [earlier]
      // A resumed job that was remembered for no runner was never sent: the memory comes first.
      let isResumed = earlier !== null
      const begun = options.now()
      let slowReason: string | null = null
      const image = createMissingImage(caller, options.packages ?? [])
      for (;;) {
        let best: NotStarted | null = null
        let imageWait = OWN_IMAGE
        for (const runner of candidates) {
          if (signal.aborted && !isResumed) return err(CANCELLED)
          const attempted = await attempt(runner, job, request, isResumed, signal)
          const { health, result, view } = attempted
          tellTrouble(runner, attempted)
          if (result.kind === 'exited') return finish(execId, runner, result, view, request, signal)
          if (result.kind !== 'not_started') {
            return err(toFailure(result, couldSeeUntrusted(view, isResumed ? null : view?.root)))
          }
          const refused = toRefusal(result)
          if (refused !== null) return err(refused)
          if (result.code === 'IMAGE_MISSING') {
            image.missedAt(runner)
            if (isOfAgent(health) || health?.image.name === BUILT_IMAGE) imageWait = BUILT
          }
          if (best === null || rank(result) > rank(best)) best = result
        }
        // Whoever had the job has shown that it never began: from here on it is like a new one.
        isResumed = false
        candidates = inOrder()
        const waited = options.now() - begun
        const reason = best === null ? null : slowReasonOf(best, waited, imageWait)
        if (best === null || reason === null) return err(toUnavailable(best))
        if (best.code === 'IMAGE_MISSING' && image.isHopeless()) return err(UNBUILDABLE)
        if (reason !== slowReason) onSlow(reason)
        slowReason = reason
        const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, best.retryAfterMs ?? 1_000))
        await image.cutShort(pause(pauseMs))
      }
    },
  }
}

const networkOf = (
  credentialed: CredentialedExec | undefined,
): ExecRequest['profile']['network'] =>
  credentialed === undefined || credentialed.hosts.length === 0
    ? { kind: 'none' }
    : { kind: 'allowlist', hosts: [...credentialed.hosts] }
/**
 * A command can read every file that it is shown. A resumed one may have been shown an older state
 * (`root`) than the view that was made when it was taken up, and of that no label is known any more.
 */
const couldSeeUntrusted = (view: SandboxView | null, root: string | null | undefined): boolean =>
  view !== null && (view.holdsUntrusted || view.root !== root)
