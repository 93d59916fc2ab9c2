/**
 * Makes hardened containers, puts a supervisor into each that waits for its job, and removes them.
 * Knows nothing of who gets one.
 */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import {
  containerSpec,
  execSpec,
  randomUids,
  type Shape,
  SYSTEM_CALLS,
  type SystemCalls,
  shapeHash,
  type Uids,
} from './container.ts'
import { type Engine, EngineError } from './engine.ts'

export const OWNER_LABEL = 'edgeclaw.runner'
const SHAPE_LABEL = 'edgeclaw.profile'
const EXEC_LABEL = 'edgeclaw.exec'
/** Of this process: what it makes while it looks for leftovers is none. */
const INSTANCE_LABEL = 'edgeclaw.launcher'
const INSTANCE = randomBytes(9).toString('hex')

/** Between tries to remove a container: an engine that is being started again is back in seconds. */
const REMOVAL_PAUSES_MS: readonly number[] = [100, 400, 1_600, 6_400]
/** Longer than any call to the engine: what is older than this and not known here is nobody's. */
export const LEFT_OVER_MS = 120_000
const EXIT_LOOK_MS = 5
const MAX_EXIT_LOOKS = 200
const WAITING = ['data', 'end', 'close'] as const

/** A supervisor that waits for its header. */
export interface Supervisor {
  readonly exec: string
  readonly socket: Duplex
  readonly head: Buffer
}

export interface Sandbox {
  /** The engine's. */
  readonly id: string
  /** Random: says nothing about the engine, and lives as long as the container. */
  readonly name: string
  readonly shape: string
  readonly uids: Uids
  readonly madeAt: number
  supervisor: Supervisor
  /** Its supervisor ended while it waited: there is nothing to give away. */
  isLost: boolean
  /** Until it is taken: hears the supervisor end, or speak unasked. */
  onLost: () => void
}

export interface SandboxOptions {
  readonly engine: Engine
  readonly owner: string
  readonly runtime: string | null
  readonly seccomp: string
  readonly supervisor: string
  readonly pause?: (ms: number) => Promise<unknown>
}

export function createSandboxes(options: SandboxOptions) {
  const { engine, owner, pause = delay } = options
  const closing = Promise.withResolvers<void>()
  let isClosing = false
  let making = 0
  /** Every container that is there, with its removal once that has begun. */
  const live = new Map<string, Promise<void> | null>()
  let calls: SystemCalls | null = null

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

  /**
   * Removes this owner's containers that nobody here knows: what an earlier process has left behind, and
   * of this process what the engine made though its answer was lost, once it is of a certain age.
   */
  async function reap(ownOlderThanMs = Number.POSITIVE_INFINITY): Promise<number> {
    const found = await engine.listContainers(`${OWNER_LABEL}=${owner}`)
    const bornBefore = (Date.now() - ownOlderThanMs) / 1_000
    const left = found.filter(
      ({ Id, Created, Labels }) =>
        !live.has(Id) && (Labels[INSTANCE_LABEL] !== INSTANCE || Created <= bornBefore),
    )
    await Promise.all(left.map(({ Id }) => engine.removeContainer(Id).catch(() => {})))
    return left.length
  }

  async function systemCalls(): Promise<SystemCalls> {
    if (calls !== null) return calls
    const { Architecture } = await engine.info()
    const found = SYSTEM_CALLS[String(Architecture)]
    if (found === undefined) throw new EngineError(0, 'the engine’s machine type is not supported')
    calls = found
    return found
  }

  async function startSupervisor(container: string, uids: Uids): Promise<Supervisor> {
    const exec = await engine.createExec(
      container,
      execSpec(options.supervisor, await systemCalls(), uids),
    )
    const { socket, head } = await engine.attachExec(exec)
    return { exec, socket, head }
  }

  /** From now on its end is noticed; a supervisor that speaks before it is asked is no good either. */
  function watch(sandbox: Sandbox): void {
    const { socket, head } = sandbox.supervisor
    sandbox.onLost = (): void => {
      sandbox.isLost = true
      socket.destroy()
      remove(sandbox.id).catch(() => {})
    }
    socket.on('error', () => {})
    for (const event of WAITING) socket.on(event, sandbox.onLost)
    if (head.length > 0) sandbox.onLost()
  }

  async function makeOne(shape: Shape, execId?: string): Promise<Sandbox> {
    await systemCalls()
    const hash = shapeHash(shape)
    const uids = randomUids()
    const id = await engine.createContainer(
      `edgeclaw-${randomBytes(9).toString('hex')}`,
      containerSpec({
        image: shape.image,
        uids,
        limits: shape,
        seccomp: options.seccomp,
        runtime: options.runtime,
        labels: {
          [OWNER_LABEL]: owner,
          [SHAPE_LABEL]: hash,
          [INSTANCE_LABEL]: INSTANCE,
          ...(execId === undefined ? {} : { [EXEC_LABEL]: execId }),
        },
      }),
    )
    live.set(id, null)
    try {
      await engine.startContainer(id)
      const sandbox: Sandbox = {
        id,
        name: randomBytes(12).toString('hex'),
        shape: hash,
        uids,
        madeAt: Date.now(),
        supervisor: await startSupervisor(id, uids),
        isLost: false,
        onLost: () => {},
      }
      watch(sandbox)
      return sandbox
    } catch (error) {
      remove(id).catch(() => {})
      throw error
    }
  }

  return {
    count: (): number => live.size,
    remove: ({ id, supervisor }: Sandbox): Promise<void> => {
      supervisor.socket.destroy()
      return remove(id)
    },

    /** With the exec that waits for it, if one does: what it was made for, not all that it will run. */
    async make(shape: Shape, execId?: string): Promise<Sandbox> {
      if (isClosing) throw new EngineError(0, 'the launcher is being stopped')
      making += 1
      try {
        return await makeOne(shape, execId)
      } finally {
        making -= 1
      }
    },

    /** Hands its supervisor over: from here on the taker listens. Null when it is lost. */
    take(sandbox: Sandbox): Supervisor | null {
      const { supervisor } = sandbox
      if (sandbox.isLost || supervisor.socket.destroyed) return null
      for (const event of WAITING) supervisor.socket.off(event, sandbox.onLost)
      supervisor.socket.pause()
      return supervisor
    },

    /** After a job that ended well: another supervisor, as fresh as the first. Throws when it is not. */
    async renew(sandbox: Sandbox): Promise<void> {
      let code = await engine.execExitCode(sandbox.supervisor.exec)
      // The engine knows of a process' end a little later than its output ends.
      for (let tries = 0; code === null && tries < MAX_EXIT_LOOKS; tries += 1) {
        await delay(EXIT_LOOK_MS)
        code = await engine.execExitCode(sandbox.supervisor.exec)
      }
      if (code !== 0) throw new EngineError(0, 'the supervisor did not clean up')
      sandbox.supervisor = await startSupervisor(sandbox.id, sandbox.uids)
      watch(sandbox)
    },

    exitCode: ({ supervisor }: Sandbox): Promise<number | null> =>
      engine.execExitCode(supervisor.exec).catch(() => null),

    reap,

    /** With all that is still being made; makes no more. */
    async close(): Promise<void> {
      isClosing = true
      closing.resolve()
      // What the engine is still making can be removed only once it is there.
      while (making > 0) await pause(20)
      await Promise.all([...live.keys()].map((id) => remove(id).catch(() => {})))
      await reap(0).catch(() => 0)
    },
  }
}
export type Sandboxes = ReturnType<typeof createSandboxes>
