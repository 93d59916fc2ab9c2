/**
 * Gives each job a hardened container and connects the caller to the supervisor inside: the one that
 * its holder used before, else one that was prepared, else a new one. It never looks into what passes
 * through: archives and output are somebody else's to parse.
 */
import type { Duplex } from 'node:stream'
import { errorKind, log } from '../log.ts'
import { JOB_MARGIN_MS, type Shape, shapeHash } from './container.ts'
import { type Engine, EngineError } from './engine.ts'
import type { LauncherEvent, LauncherStatus, PoolCounts, RunRequest } from './job.ts'
import { createKept } from './kept.ts'
import { findPackagesImage, imageName } from './packages-image.ts'
import { createPrepared } from './prepared.ts'
import { createSandboxes, type Sandbox } from './sandboxes.ts'

/** How long the engine's state is believed; a missing image is looked for again each time. */
const STATUS_TTL_MS = 5_000
const TIDY_MS = 2_000
/** For a supervisor to clean up after a job that ended well. */
const CLEAN_UP_MS = 10_000

export interface LaunchOptions {
  readonly engine: Engine
  readonly owner: string
  readonly image: string
  readonly allowedImages: readonly string[]
  readonly runtime: string | null
  /** Jobs at once. */
  readonly maxContainers: number
  /** Containers kept ready, of each shape in use. */
  readonly poolSize: number
  /** Containers kept for their holders between two jobs. */
  readonly maxKept: number
  /** Of the jobs that come without being asked for: what is prepared from the start. */
  readonly usualLimits: Pick<Shape, 'memoryMb' | 'cpus' | 'pids'>
  readonly seccomp: string
  readonly supervisor: string
  readonly pause?: (ms: number) => Promise<unknown>
}

export type Failure = Extract<LauncherEvent, { event: 'failed' }>
const failed = (code: Failure['code'], message: string): Failure => ({
  event: 'failed',
  code,
  message,
})

export interface Running {
  readonly sandbox: string
  readonly isFresh: boolean
  readonly socket: Duplex
  readonly head: Buffer
  /** Of the supervisor, once its output has ended; null when the engine cannot tell. */
  readonly exitCode: () => Promise<number | null>
  /**
   * The job is over: its container is kept for its holder, or goes, for which this waits. Only the first
   * call counts.
   */
  readonly release: (isKept: boolean) => Promise<void>
}

/**
 * Whether its container may wait for another job. One with packages runs what they have made of `sleep`
 * and perl: waiting, it would go on computing for its tenant, and no capacity counts it. The engine's
 * pause is no help: one whose container has an exec hangs in it, and cannot be removed.
 */
const mayWait = ({ isOneShot, packages }: RunRequest): boolean =>
  !isOneShot && packages === undefined

const imageMissing = (): EngineError => new EngineError(404, 'no such image')

export function createLauncher(options: LaunchOptions) {
  const { engine } = options
  const nowMs = Date.now
  const sandboxes = createSandboxes(options)
  const taken = { prepared: 0, kept: 0, cold: 0 }
  let removed = 0
  let busy = 0
  let starting = 0
  let cached: { at: number; status: LauncherStatus; imageId: string } | null = null

  async function remove(sandbox: Sandbox): Promise<void> {
    removed += 1
    try {
      await sandboxes.remove(sandbox)
    } catch (error) {
      log('container_not_removed', { error: errorKind(error) })
    }
  }
  const kept = createKept({ max: options.maxKept, remove, nowMs })

  const pool = (): PoolCounts => ({
    prepared: prepared.count(),
    kept: kept.count(),
    busy,
    takenPrepared: taken.prepared,
    takenKept: taken.kept,
    takenCold: taken.cold,
    removed,
  })

  async function status(image = options.image): Promise<LauncherStatus> {
    const now = nowMs()
    const isDefault = image === options.image
    if (isDefault && cached && now - cached.at < STATUS_TTL_MS) {
      return { ...cached.status, containers: sandboxes.count(), pool: pool() }
    }
    try {
      const [info, imageId] = await Promise.all([engine.info(), engine.imageId(image)])
      const security = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'] : []
      const found: LauncherStatus = {
        event: 'status',
        isReachable: true,
        version: String(info['ServerVersion'] ?? ''),
        image: imageId === null ? 'missing' : 'present',
        isUserNamespaceRemapped: security.some((text) => String(text).includes('name=userns')),
        runtime: options.runtime ?? String(info['DefaultRuntime'] ?? ''),
        containers: sandboxes.count(),
        pool: pool(),
      }
      if (isDefault) cached = imageId === null ? null : { at: now, status: found, imageId }
      return found
    } catch {
      cached = null
      return {
        event: 'status',
        isReachable: false,
        version: null,
        image: 'unknown',
        isUserNamespaceRemapped: false,
        runtime: options.runtime ?? '',
        containers: sandboxes.count(),
        pool: pool(),
      }
    }
  }

  async function imageIdOf(image: string, job?: RunRequest): Promise<string | null> {
    if (image !== options.image && job?.packages === undefined) return engine.imageId(image)
    await status()
    const baseId = cached?.imageId ?? (await engine.imageId(options.image))
    if (job?.packages === undefined || baseId === null) return baseId
    return findPackagesImage(engine, { owner: job.owner, packages: job.packages }, baseId)
  }

  async function shapeOf(
    image: string,
    limits: LaunchOptions['usualLimits'],
    job?: RunRequest,
  ): Promise<Shape> {
    const imageId = await imageIdOf(image, job)
    if (imageId === null) throw imageMissing()
    const { memoryMb, cpus, pids } = limits
    return { image, imageId, memoryMb, cpus, pids }
  }

  const prepared = createPrepared({
    sandboxes,
    size: options.poolSize,
    usualShape: () => shapeOf(options.image, options.usualLimits).catch(() => null),
    nowMs,
  })

  const tidying = setInterval(() => {
    kept.tidy()
    prepared.fill()
  }, TIDY_MS)
  tidying.unref()

  /** Other images on the engine may hold the operator's own secrets: a job reads its whole image. */
  const isAllowedImage = (image: string): boolean =>
    image === options.image || options.allowedImages.includes(image)

  const packagesOf = ({ owner, packages = '' }: RunRequest): string =>
    imageName({ owner, packages })

  const toFailure = (error: unknown): Failure => {
    if (error instanceof EngineError && error.status === 404 && /image/i.test(error.message)) {
      cached = null
      return failed('IMAGE_MISSING', 'the sandbox image is not there')
    }
    return failed('ENGINE_UNAVAILABLE', 'the container engine cannot start a sandbox')
  }

  /** After the supervisor's own end; whatever does not end by itself is not kept. */
  async function renew(sandbox: Sandbox): Promise<boolean> {
    const { socket } = sandbox.supervisor
    socket.removeAllListeners('data')
    socket.resume()
    const isOver = await new Promise<boolean>((resolve) => {
      if (socket.readableEnded || socket.destroyed) return resolve(true)
      const timer = setTimeout(() => resolve(false), CLEAN_UP_MS)
      const onOver = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      socket.once('end', onOver)
      socket.once('close', onOver)
    })
    if (!isOver) return false
    return sandboxes.renew(sandbox).then(
      () => true,
      (error: unknown) => {
        // Mostly a job that left what cannot be cleaned up; often, it costs every next job its start.
        log('sandbox_not_kept', { reason: error instanceof Error ? error.message : 'unknown' })
        return false
      },
    )
  }

  function start(sandbox: Sandbox, isFresh: boolean, job: RunRequest): Running | null {
    const supervisor = sandboxes.take(sandbox)
    if (supervisor === null) {
      remove(sandbox)
      return null
    }
    busy += 1
    let isReleased = false
    const release = async (isKept: boolean): Promise<void> => {
      if (isReleased) return
      isReleased = true
      busy -= 1
      clearTimeout(deadline)
      prepared.fill()
      const isToWait = isKept && mayWait(job) && options.maxKept > 0
      if (isToWait) kept.put(sandbox, job.owner, job.holder, renew(sandbox))
      else await remove(sandbox)
    }
    const deadline = setTimeout(() => release(false), job.limits.timeoutMs + JOB_MARGIN_MS)
    const exitCode = () => sandboxes.exitCode(sandbox)
    return { sandbox: sandbox.name, isFresh, ...supervisor, exitCode, release }
  }

  async function launch(job: RunRequest): Promise<Running | Failure> {
    const image = job.packages === undefined ? (job.image ?? options.image) : packagesOf(job)
    if (job.packages === undefined && !isAllowedImage(image))
      return failed('INVALID_JOB', 'the image is none of this runner’s')
    if (busy + starting >= options.maxContainers) {
      return failed('CAPACITY', 'all sandboxes of this runner are in use')
    }
    starting += 1
    try {
      const shape = await shapeOf(image, job.limits, job)
      for (;;) {
        const used = mayWait(job) ? await kept.take(job.holder, shapeHash(shape)) : null
        const ready = used ?? (job.packages === undefined ? prepared.take(shape) : null)
        const sandbox = ready ?? (await sandboxes.make(shape, job.execId))
        const running = start(sandbox, used === null, job)
        if (running === null) {
          // Lost the moment it was made, as every further one would be.
          if (ready === null) throw new EngineError(0, 'a new sandbox ended at once')
          continue
        }
        taken[used !== null ? 'kept' : ready !== null ? 'prepared' : 'cold'] += 1
        return running
      }
    } catch (error) {
      return toFailure(error)
    } finally {
      starting -= 1
    }
  }

  const close = async (): Promise<void> => {
    clearInterval(tidying)
    prepared.close()
    kept.close()
    await sandboxes.close()
  }

  return { launch, status, fill: prepared.fill, reap: sandboxes.reap, close }
}

export type Launcher = ReturnType<typeof createLauncher>
