/**
 * Makes one hardened container for one job and connects the caller to the supervisor inside. It
 * never looks into what passes through: archives and output are somebody else's to parse.
 */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { CONTAINER_LIFE_MARGIN_MS, containerSpec, execSpec, PRCTL_NUMBERS } from './container.ts'
import { type Engine, EngineError } from './engine.ts'
import type { LauncherEvent, LauncherStatus, RunRequest } from './job.ts'

/** How long the engine's state is believed; a missing image is looked for again each time. */
const STATUS_TTL_MS = 5_000

/** Between tries to remove a container: an engine that is being started again is back in seconds. */
const REMOVAL_PAUSES_MS: readonly number[] = [100, 400, 1_600, 6_400]
/** Longer than any call to the engine: what is older than this and not known here is nobody's. */
export const LEFT_OVER_MS = 120_000

export const OWNER_LABEL = 'edgeclaw.runner'

export interface LaunchOptions {
  readonly engine: Engine
  readonly owner: string
  readonly image: string
  readonly allowedImages: readonly string[]
  readonly runtime: string | null
  readonly maxContainers: number
  readonly seccomp: string
  readonly supervisor: string
  readonly pause?: (ms: number) => Promise<void>
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export type Failure = Extract<LauncherEvent, { event: 'failed' }>
const failed = (code: Failure['code'], message: string): Failure => ({
  event: 'failed',
  code,
  message,
})

export interface Running {
  readonly socket: Duplex
  readonly head: Buffer
  /** Of the supervisor, once its output has ended; null when the engine cannot tell. */
  readonly exitCode: () => Promise<number | null>
  readonly destroy: () => Promise<void>
}

export function createLauncher(options: LaunchOptions) {
  const { engine, owner, pause = wait } = options
  const live = new Map<string, Promise<void> | null>()
  const closing = Promise.withResolvers<void>()
  let isClosing = false
  let starting = 0
  let cached: { at: number; status: LauncherStatus } | null = null
  let architecture: string | null = null

  async function status(image = options.image): Promise<LauncherStatus> {
    const now = Date.now()
    const isDefault = image === options.image
    if (
      isDefault &&
      cached &&
      now - cached.at < STATUS_TTL_MS &&
      cached.status.image === 'present'
    ) {
      return { ...cached.status, containers: live.size }
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
        containers: live.size,
      }
      architecture = String(info['Architecture'] ?? '')
      if (isDefault) cached = { at: now, status: found }
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
        containers: live.size,
      }
    }
  }

  /** Other images on the engine may hold the operator's own secrets: a job reads its whole image. */
  const isAllowedImage = (image: string): boolean =>
    image === options.image || options.allowedImages.includes(image)

  /** What is left even so ends by itself, or is found by `reap`. */
  async function removeSurely(id: string): Promise<void> {
    for (const ms of REMOVAL_PAUSES_MS) {
      try {
        return await engine.removeContainer(id)
      } catch {
        await Promise.race([pause(ms), closing.promise])
      }
    }
    await engine.removeContainer(id)
  }

  function remove(id: string): Promise<void> {
    const running = live.get(id)
    if (running) return running
    const removal = removeSurely(id).finally(() => live.delete(id))
    removal.catch(() => {})
    live.set(id, removal)
    return removal
  }

  const toFailure = (error: unknown): Failure => {
    if (error instanceof EngineError && error.status === 404 && /image/i.test(error.message)) {
      cached = null
      return failed('IMAGE_MISSING', 'the sandbox image is not there')
    }
    return failed('ENGINE_UNAVAILABLE', 'the container engine cannot start a sandbox')
  }

  async function launch(job: RunRequest): Promise<Running | Failure> {
    const image = job.image ?? options.image
    if (!isAllowedImage(image)) return failed('INVALID_JOB', 'the image is none of this runner’s')
    if (isClosing) return failed('ENGINE_UNAVAILABLE', 'the launcher is being stopped')
    if (live.size + starting >= options.maxContainers) {
      return failed('CAPACITY', 'all sandboxes of this runner are in use')
    }
    starting += 1
    let id: string | null = null
    try {
      if (architecture === null) await status()
      if (architecture === null) return failed('ENGINE_UNAVAILABLE', 'no container engine answers')
      const prctl = PRCTL_NUMBERS[architecture]
      if (prctl === undefined) {
        return failed('ENGINE_UNAVAILABLE', 'the engine’s machine type is not supported')
      }
      id = await engine.createContainer(
        `edgeclaw-${randomBytes(9).toString('hex')}`,
        containerSpec({
          image,
          limits: job.limits,
          seccomp: options.seccomp,
          runtime: options.runtime,
          labels: {
            [OWNER_LABEL]: owner,
            'edgeclaw.exec': job.execId,
            'edgeclaw.owner': job.owner,
            'edgeclaw.profile': job.profileHash,
          },
        }),
      )
      const container = id
      live.set(container, null)
      await engine.startContainer(container)
      const exec = await engine.createExec(container, execSpec(options.supervisor, prctl))
      const { socket, head } = await engine.attachExec(exec)
      const deadline = setTimeout(
        () => remove(container),
        job.limits.timeoutMs + CONTAINER_LIFE_MARGIN_MS,
      )
      const destroy = async () => {
        clearTimeout(deadline)
        socket.destroy()
        await remove(container)
      }
      const exitCode = () => engine.execExitCode(exec).catch(() => null)
      return { socket, head, exitCode, destroy }
    } catch (error) {
      if (id !== null) remove(id).catch(() => {})
      return toFailure(error)
    } finally {
      starting -= 1
    }
  }

  /**
   * Removes this owner's containers that nobody here knows, of any age or of a certain one: an earlier
   * process has left them behind, or the engine made one and its answer was lost.
   */
  async function reap(olderThanMs = Number.NEGATIVE_INFINITY): Promise<number> {
    const found = await engine.listContainers(`${OWNER_LABEL}=${owner}`)
    const bornBefore = (Date.now() - olderThanMs) / 1_000
    const left = found.filter(({ Id, Created }) => !live.has(Id) && Created <= bornBefore)
    await Promise.all(left.map(({ Id }) => engine.removeContainer(Id).catch(() => {})))
    return left.length
  }

  const close = async (): Promise<void> => {
    isClosing = true
    closing.resolve()
    // What the engine is still making can be removed only once it is there.
    while (starting > 0) await pause(20)
    await Promise.all([...live.keys()].map((id) => remove(id).catch(() => {})))
    await reap().catch(() => 0)
  }

  return { launch, status, reap, close }
}

export type Launcher = ReturnType<typeof createLauncher>
