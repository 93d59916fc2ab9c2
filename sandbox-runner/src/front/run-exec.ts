/**
 * One exec from its request to its last event: completes the workspace (asking for what is missing),
 * gets a container, supervises it. Whatever goes wrong ends as one `error` event.
 */
import {
  type ExecEvent,
  type ExecRequest,
  type JobClaims,
  KILL_GRACE_MS,
  packagesText,
} from '../../../src/isolation/contract.ts'
import { encodeFrame } from '../frames.ts'
import { errorKind, log } from '../log.ts'
import type { BlobStore } from './blobs.ts'
import { sha256Of } from './body.ts'
import { forwardsOf } from './egress-list.ts'
import type { HeldWorkspaces } from './held-workspaces.ts'
import { createJobEgress, JOB_EGRESS_LIMITS } from './job-egress.ts'
import type { LauncherClient, Session } from './launcher-client.ts'
import { difference, type Manifest, type ManifestCache, toManifest } from './manifests.ts'
import type { EndReason, Metrics } from './metrics.ts'
import type { ExecRecord, Records } from './records.ts'
import { Refusal } from './refusal.ts'
import type { AddressPolicy } from './resolve.ts'
import { supervise } from './supervise.ts'

/** For the gateway to bring a manifest, or all blobs of a workspace. */
const NEED_TIMEOUT_MS = 60_000
/** After TERM, 3 s and KILL inside, the container itself goes. */
const CANCEL_TIMEOUT_MS = KILL_GRACE_MS + 1_500

export interface ExecDependencies {
  readonly blobs: BlobStore
  readonly manifests: ManifestCache
  readonly held: HeldWorkspaces
  readonly records: Records
  readonly launcher: LauncherClient
  readonly metrics: Metrics
  /** How names are looked up and judged, for jobs with an allow list and for fetches. */
  readonly addresses: AddressPolicy
}

/** What a preparing exec still waits for, fed by PUT requests of the same exec. */
export interface Needs {
  /** False when this exec did not ask for it. */
  readonly wantsBlob: (sha256: string) => boolean
  readonly onBlob: (sha256: string) => void
  readonly onManifest: (entries: Parameters<typeof toManifest>[0]) => boolean
}

export interface RunningExec {
  readonly needs: Needs
  readonly done: Promise<void>
}

const EMPTY: Manifest = new Map()

/**
 * Whose container it is between two jobs. The session is the token's word, not the body's: a job can
 * only ever share with its own.
 */
const holderOf = ({ profile, holder }: ExecRequest, { tenant, session }: JobClaims): string =>
  sha256Of(
    JSON.stringify([tenant, profile.scope, profile.scope === 'session' ? session : null, holder]),
  )

export function runExec(
  request: ExecRequest,
  claims: JobClaims,
  record: ExecRecord,
  { addresses, blobs, manifests, held, records, launcher, metrics }: ExecDependencies,
): RunningExec {
  const { tenant } = claims
  const holder = holderOf(request, claims)
  const abort = new AbortController()
  const missing = new Set<string>()
  let awaitsManifest = false
  let onSatisfied = (): void => {}
  let onManifest: (manifest: Manifest) => void = () => {}
  let session: Session | null = null

  const watch = metrics.watchExec()
  let reason: EndReason | null = null
  const emit = (event: ExecEvent): void => {
    reason = watch(event)
    records.append(record, event)
  }

  record.cancel = (): void => {
    if (abort.signal.aborted) return
    // Before the container speaks, cancelling is enough; afterwards the command gets its TERM.
    abort.abort()
    const running = session
    if (running === null) return
    running.send(encodeFrame('K')).catch(() => {})
    setTimeout(running.close, CANCEL_TIMEOUT_MS).unref()
  }

  const waitFor = <Value>(start: (resolve: (value: Value) => void) => void): Promise<Value> =>
    new Promise<Value>((resolve, reject) => {
      const onAbort = (): void => finish(() => reject(cancelled()))
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Refusal('TIMEOUT', 'the workspace’s files did not come in time')),
          ),
        NEED_TIMEOUT_MS,
      )
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        abort.signal.removeEventListener('abort', onAbort)
        settle()
      }
      if (abort.signal.aborted) {
        onAbort()
        return
      }
      abort.signal.addEventListener('abort', onAbort)
      start((value) => finish(() => resolve(value)))
    })
  const cancelled = (): Refusal => new Refusal('CANCELLED', 'the command was cancelled')

  async function completeManifest(): Promise<Manifest> {
    const state = request.workspace
    if (state === null) return new Map()
    const known = manifests.resolve(tenant, state)
    if (known !== null) return known
    const manifest = await waitFor<Manifest>((resolve) => {
      awaitsManifest = true
      onManifest = resolve
      emit({ event: 'need', manifest: true, sha256: [] })
    })
    return manifests.remember(tenant, state.id, state.root, manifest)
  }

  async function completeBlobs(needed: ReadonlySet<string>): Promise<void> {
    missing.clear()
    for (const sha256 of needed) if (!blobs.has(tenant, sha256)) missing.add(sha256)
    metrics.blobLookups(needed.size - missing.size, missing.size)
    if (missing.size === 0) return
    await waitFor<void>((resolve) => {
      onSatisfied = () => resolve()
      emit({ event: 'need', manifest: false, sha256: [...missing] })
    })
  }

  const lackOf = (manifest: Manifest, holds: Manifest): ReadonlySet<string> =>
    new Set([...difference(holds, manifest).put.values()].map(({ sha256 }) => sha256))

  async function getContainer(): Promise<Session> {
    const { profile, execId } = request
    const launch = new AbortController()
    const onAbort = (): void => launch.abort()
    abort.signal.addEventListener('abort', onAbort)
    try {
      return await launcher.run(
        {
          execId,
          owner: sha256Of(tenant),
          holder,
          isOneShot: profile.isOneShot,
          limits: profile.limits,
          ...(profile.image === undefined ? {} : { image: profile.image }),
          ...(profile.packages === undefined
            ? {}
            : { packages: sha256Of(packagesText(profile.packages)) }),
        },
        launch.signal,
      )
    } finally {
      abort.signal.removeEventListener('abort', onAbort)
    }
  }

  async function runOnce(manifest: Manifest): Promise<void> {
    const releases: (() => void)[] = []
    // A blob may be dropped between arrival and use; what is held is held until the job is over.
    const bring = async (holds: Manifest): Promise<void> => {
      const needed = lackOf(manifest, holds)
      await completeBlobs(needed)
      releases.push(blobs.pin(tenant, needed))
    }
    try {
      const expected = request.profile.isOneShot ? EMPTY : (held.expected(holder) ?? EMPTY)
      await bring(expected)
      session = await getContainer()
      const { sandbox, isFresh } = session
      const holds = isFresh ? EMPTY : held.take(sandbox, holder)
      // Another container than was expected: it may lack what that one had.
      if ((holds ?? EMPTY) !== expected) await bring(holds ?? EMPTY)
      if (abort.signal.aborted) throw cancelled()
      const { execId, profile } = request
      const { network } = profile
      const { send } = session
      await supervise({
        egress:
          network.kind === 'none'
            ? null
            : createJobEgress({
                hosts: network.hosts,
                forwards: forwardsOf(network.hosts) ?? new Map(),
                allowsPlainHttp: false,
                limits: JOB_EGRESS_LIMITS,
                addresses,
                send,
                fields: { execId },
              }),
        request,
        tenant,
        manifest,
        held: holds,
        session,
        blobs,
        onKept: (state) => held.put(sandbox, holder, state),
        emit,
        isCancelled: () => abort.signal.aborted,
        onStart: () => {
          records.journalStart(record)
          log('exec_started', { execId: request.execId, ...record.trace })
          emit({ event: 'started', root: request.workspace?.root ?? null })
        },
      })
    } finally {
      session?.close()
      for (const release of releases) release()
    }
  }

  /** A container that waited may be gone by the time its job comes: that job gets one more. */
  const mayTryAgain = (error: unknown): boolean =>
    error instanceof Refusal &&
    error.code === 'ENGINE_UNAVAILABLE' &&
    session !== null &&
    record.state === 'preparing' &&
    !abort.signal.aborted

  async function run(): Promise<void> {
    const manifest = await completeManifest()
    await runOnce(manifest).catch((error: unknown) => {
      if (!mayTryAgain(error)) throw error
      session = null
      return runOnce(manifest)
    })
  }

  const startedAt = performance.now()
  const done = run()
    .catch((error: unknown) => {
      if (record.state === 'ended') return
      const refusal =
        error instanceof Refusal
          ? error
          : record.state === 'running'
            ? new Refusal('OUTCOME_UNKNOWN', 'the runner failed while the command ran')
            : new Refusal('ENGINE_UNAVAILABLE', 'the runner failed before the command started')
      if (!(error instanceof Refusal)) {
        log('exec_failed', { execId: request.execId, error: errorKind(error) })
      }
      emit({ event: 'error', ...refusal.toWire() })
    })
    .finally(() => {
      const ms = Math.round(performance.now() - startedAt)
      log('exec_ended', { execId: request.execId, reason, ms, ...record.trace })
    })

  return {
    done,
    needs: {
      wantsBlob: (sha256) => missing.has(sha256),
      onBlob: (sha256) => {
        missing.delete(sha256)
        if (missing.size === 0) onSatisfied()
      },
      onManifest: (entries) => {
        if (!awaitsManifest) return false
        const manifest = toManifest(entries)
        awaitsManifest = false
        onManifest(manifest)
        return true
      },
    },
  }
}
