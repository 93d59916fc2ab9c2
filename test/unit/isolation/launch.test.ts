/** The launcher against an engine that fails: no container is forgotten. */
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type Engine, EngineError } from '../../../sandbox-runner/src/launcher/engine.ts'
import type { RunRequest } from '../../../sandbox-runner/src/launcher/job.ts'
import { createLauncher } from '../../../sandbox-runner/src/launcher/launch.ts'
import { imageLabels } from '../../../sandbox-runner/src/launcher/packages-image.ts'
import { LEFT_OVER_MS } from '../../../sandbox-runner/src/launcher/sandboxes.ts'

const JOB: RunRequest = {
  op: 'run',
  execId: 'exec-1',
  owner: 'a'.repeat(64),
  holder: 'b'.repeat(64),
  isOneShot: false,
  limits: { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 30_000, outputBytes: 1_024 },
}
const away = () => Promise.reject(new EngineError(0, 'connect ECONNREFUSED'))

/** Holds containers by their id; a test makes some of its calls fail. */
function createFakeEngine(changes: Partial<Engine> = {}) {
  const containers = new Map<string, number>()
  const labels = new Map<string, Readonly<Record<string, string>>>()
  const imageOf = new Map<string, string>()
  let made = 0
  const calls = {
    inspectImage: async () => null,
    listImages: async () => [],
    removeImage: away,
    commitContainer: away,
    writtenBytes: away,
  }
  const engine: Engine = {
    ...calls,
    info: async () => ({ Architecture: 'x86_64', ServerVersion: '1' }),
    imageId: async () => 'sha256:1',
    inspectImage: async () => null,
    listImages: async () => [],
    removeImage: async () => '',
    commitContainer: async () => 'sha256:2',
    writtenBytes: async () => 0,
    createContainer: async (_name, spec) => {
      const id = `c${++made}`
      const { Labels, Image } = spec as { Labels: Record<string, string>; Image: string }
      labels.set(id, Labels)
      imageOf.set(id, Image)
      containers.set(id, Date.now() / 1_000)
      return id
    },
    inspectContainer: async () => ({}),
    startContainer: async () => '',
    removeContainer: async (id) => void containers.delete(id),
    listContainers: async () =>
      [...containers].map(([Id, Created]) => ({ Id, Created, Labels: labels.get(Id) ?? {} })),
    createExec: async () => 'e1',
    attachExec: async () => ({ socket: new PassThrough(), head: Buffer.alloc(0) }),
    execExitCode: async () => null,
    ...changes,
  }
  const images = () => [...containers.keys()].map((id) => imageOf.get(id))
  return { engine, containers, labels, images }
}

const launcherOn = (
  engine: Engine,
  pause?: (ms: number) => Promise<void>,
  waiting: { readonly poolSize?: number; readonly maxKept?: number } = {},
) =>
  createLauncher({
    engine,
    owner: 'c'.repeat(32),
    image: 'image:1',
    allowedImages: [],
    runtime: null,
    maxContainers: 4,
    poolSize: 0,
    maxKept: 0,
    ...waiting,
    usualLimits: JOB.limits,
    seccomp: '{}',
    supervisor: '',
    ...(pause === undefined ? {} : { pause }),
  })

async function launched(launcher: ReturnType<typeof launcherOn>) {
  const running = await launcher.launch(JOB)
  if ('event' in running) throw new Error(running.message)
  return running
}

describe('the launcher', () => {
  it('removes a container again and again while the engine is away, and counts it until then', async () => {
    let failures = 0
    const { engine, containers } = createFakeEngine()
    const pauses: number[] = []
    const launcher = launcherOn(
      {
        ...engine,
        removeContainer: (id) => (++failures <= 3 ? away() : engine.removeContainer(id)),
      },
      async (ms) => {
        pauses.push(ms)
        expect((await launcher.status()).containers).toBe(1)
      },
    )
    const running = await launched(launcher)
    expect(containers.size).toBe(1)
    await running.release(false)
    expect([containers.size, pauses.length]).toEqual([0, 3])
    expect((await launcher.status()).containers).toBe(0)
  })

  it('does not go on making sandboxes that end at once', async () => {
    let made = 0
    const { engine, containers } = createFakeEngine()
    const launcher = launcherOn({
      ...engine,
      attachExec: async () => {
        // What ends the loop of a launcher that does go on.
        if (++made > 5) return { socket: new PassThrough(), head: Buffer.alloc(0) }
        return { socket: new PassThrough(), head: Buffer.from('no such program') }
      },
    })
    expect(await launcher.launch(JOB)).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    expect(made).toBe(1)
    await expect.poll(() => containers.size).toBe(0)
  })

  it('says at once that a sandbox cannot be started, and removes what was made of it', async () => {
    let isAway = true
    const removed = Promise.withResolvers<void>()
    const { engine, containers } = createFakeEngine({ startContainer: away })
    const back = Promise.withResolvers<void>()
    const launcher = launcherOn(
      {
        ...engine,
        removeContainer: async (id) => {
          if (isAway) return away()
          await engine.removeContainer(id)
          removed.resolve()
        },
      },
      () => back.promise,
    )
    expect(await launcher.launch(JOB)).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    expect(containers.size).toBe(1)
    isAway = false
    back.resolve()
    await removed.promise
    expect(containers.size).toBe(0)
  })

  it('closes only when a container that is being made is removed as well, and makes no more', async () => {
    const made = Promise.withResolvers<void>()
    const { engine, containers } = createFakeEngine()
    const launcher = launcherOn({
      ...engine,
      createContainer: async (name, spec) => {
        await made.promise
        return engine.createContainer(name, spec)
      },
    })
    await launcher.status()
    const launching = launcher.launch(JOB)
    const closing = launcher.close()
    expect(await launcher.launch(JOB)).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    made.resolve()
    await Promise.all([launching, closing])
    expect(containers.size).toBe(0)
  })

  it('lets no container of a tenant’s own image wait, before a job or after it', async () => {
    const packages = 'd'.repeat(64)
    const labels = imageLabels({ owner: JOB.owner, packages }, 'sha256:1')
    const { engine, images } = createFakeEngine({
      inspectImage: async () => ({ id: 'sha256:2', labels }),
    })
    const launcher = launcherOn(engine, undefined, { poolSize: 1, maxKept: 4 })
    const running = await launcher.launch({ ...JOB, packages })
    if ('event' in running) throw new Error(running.message)
    await running.release(true)
    await expect.poll(() => images()).toEqual(['image:1'])
    expect((await launcher.status()).pool).toMatchObject({ kept: 0, prepared: 1, takenCold: 1 })
    await launcher.close()
  })

  it('gives up waiting for the engine when it is closed', async () => {
    const { engine } = createFakeEngine({ removeContainer: away })
    const launcher = launcherOn(engine, () => new Promise(() => {}))
    const running = await launched(launcher)
    const released = running.release(false)
    await launcher.close()
    await released
  })

  it('reaps what others left, and of its own only what is old and unknown', async () => {
    const { engine, containers, labels } = createFakeEngine()
    const launcher = launcherOn(engine)
    await launched(launcher)
    const now = Date.now() / 1_000
    containers.set('another’s', now)
    // Made for us, though the answer was lost.
    for (const [id, at] of [
      ['young', now],
      ['old', now - LEFT_OVER_MS / 1_000 - 1],
    ] as const) {
      containers.set(id, at)
      labels.set(id, labels.get('c1') ?? {})
    }
    expect(await launcher.reap()).toBe(1)
    expect([...containers.keys()]).toEqual(['c1', 'young', 'old'])
    expect(await launcher.reap(LEFT_OVER_MS)).toBe(1)
    expect([...containers.keys()]).toEqual(['c1', 'young'])
    await launcher.close()
    expect([...containers.keys()]).toEqual([])
  })
})
