/**
 * Builds images with packages: gives a caller a container to install in, and turns it into the image of
 * one tenant and one list when told to. What is installed it never knows; what is kept it cleans itself.
 */
import { randomBytes } from 'node:crypto'
import { log } from '../log.ts'
import { buildContainerSpec, COMMITTED_CONFIG, FINISH, rootExecSpec } from './build-container.ts'
import { SYSTEM_CALLS, supervisorCommand } from './container.ts'
import { type Engine, EngineError } from './engine.ts'
import type { BuildRequest, CommitRequest, ImageQuery, LauncherEvent } from './job.ts'
import type { Failure, Running } from './launch.ts'
import {
  BASE_LABEL,
  findPackagesImage,
  imageLabels,
  imageTag,
  PACKAGES_LABEL,
  PACKAGES_REPOSITORY,
  TENANT_LABEL,
} from './packages-image.ts'

/** They take a CPU each, for minutes. */
const MAX_BUILDS = 2
const RETRY_LATER = 'as many images as this runner can are being built'
/** The caller's own limit is below. */
const LIFE_SECONDS = 15 * 60
/** What a build may add to its base. Watched, since engines give a container no quota of its own. */
const MAX_DISK_BYTES = 2 * 1024 * 1024 * 1024
const DISK_CHECK_MS = 2_000
/** For the last step: it walks over every file, with programs that a package may have replaced. */
const MAX_FINISH_MS = 60_000
/** An exec's output may end before the engine knows how it went. */
const EXIT_CHECK_MS = 100
const MAX_IMAGES_PER_TENANT = 10
const BUILDER_LABEL = 'edgeclaw.builder'
/** Not the label of sandboxes, which are removed when no sandbox of that id is known. */
export const BUILD_LABEL = 'edgeclaw.build'

export interface BuildOptions {
  readonly engine: Engine
  readonly owner: string
  readonly image: string
  readonly runtime: string | null
  readonly seccomp: string
  readonly supervisor: string
  readonly maxDiskBytes?: number
}

interface Build {
  readonly container: string
  readonly tenant: string
  readonly baseId: string
  /** Its image is being made, or is made. */
  isCommitted: boolean
}

const failed = (code: Failure['code'], message: string): Failure => ({
  event: 'failed',
  code,
  message,
})
const NO_BASE = failed('IMAGE_MISSING', 'the sandbox image is not there')
/** Final: the same list would end the same way. */
const NOT_FINISHED = failed('BUILD_FAILED', 'what was installed does not let the image be finished')
const TOO_LARGE = failed('BUILD_FAILED', 'the build needed more disk than a build may have')
const NO_ENGINE = failed('ENGINE_UNAVAILABLE', 'the container engine cannot build an image')

export function createBuilds(options: BuildOptions) {
  const { engine, owner } = options
  const builds = new Map<string, Build>()
  let starting = 0

  const baseId = (): Promise<string | null> => engine.imageId(options.image)

  async function start({ owner: tenant }: BuildRequest): Promise<Running | Failure> {
    if (builds.size + starting >= MAX_BUILDS) return failed('CAPACITY', RETRY_LATER)
    starting += 1
    try {
      const base = await baseId()
      if (base === null) return NO_BASE
      return await makeContainer(tenant, base)
    } catch {
      return NO_ENGINE
    } finally {
      starting -= 1
    }
  }

  async function makeContainer(tenant: string, base: string): Promise<Running> {
    const { Architecture } = await engine.info()
    const calls = SYSTEM_CALLS[String(Architecture)]
    if (calls === undefined) throw new EngineError(0, 'the engine’s machine type is not supported')
    const name = randomBytes(12).toString('hex')
    const container = await engine.createContainer(
      `edgeclaw-build-${name}`,
      buildContainerSpec({
        imageId: base,
        seccomp: options.seccomp,
        runtime: options.runtime,
        lifeSeconds: LIFE_SECONDS,
        labels: { [BUILD_LABEL]: owner },
      }),
    )
    const remove = (): void => {
      clearInterval(watching)
      builds.delete(name)
      engine.removeContainer(container).catch(() => {})
    }
    const watching = setInterval(() => {
      const max = options.maxDiskBytes ?? MAX_DISK_BYTES
      engine.writtenBytes(container).then(
        (bytes) => {
          if (bytes <= max) return
          log('build_too_large', { bytes })
          remove()
        },
        () => {},
      )
    }, DISK_CHECK_MS)
    builds.set(name, { container, tenant, baseId: base, isCommitted: false })
    try {
      await engine.startContainer(container)
      const command = supervisorCommand(options.supervisor, calls)
      const exec = await engine.createExec(container, rootExecSpec(command))
      const { socket, head } = await engine.attachExec(exec)
      return {
        sandbox: name,
        isFresh: true,
        socket,
        head,
        exitCode: () => engine.execExitCode(exec).catch(() => null),
        release: async () => {
          socket.destroy()
          remove()
        },
      }
    } catch (error) {
      remove()
      throw error
    }
  }

  /** As root in the container: whether it ended well, and in time. What it began ends with the build. */
  async function endsWell(container: string, command: readonly string[]): Promise<boolean> {
    const endsAt = performance.now() + MAX_FINISH_MS
    const exec = await engine.createExec(container, rootExecSpec(command))
    const { socket } = await engine.attachExec(exec)
    const timer = setTimeout(() => socket.destroy(), MAX_FINISH_MS)
    socket.end()
    socket.resume()
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve())
      socket.on('close', resolve)
      socket.on('end', resolve)
    })
    clearTimeout(timer)
    for (;;) {
      const code = await engine.execExitCode(exec)
      if (code !== null) return code === 0
      if (performance.now() >= endsAt) return false
      await new Promise((resolve) => setTimeout(resolve, EXIT_CHECK_MS))
    }
  }

  /** Whoever installed may say which list it was, and not whose. */
  async function commit({ sandbox, packages }: CommitRequest): Promise<LauncherEvent> {
    const build = builds.get(sandbox)
    if (build === undefined || build.isCommitted) {
      return failed('INVALID_JOB', 'there is no such build')
    }
    build.isCommitted = true
    const image = { owner: build.tenant, packages }
    try {
      const finish = ['/bin/bash', '--noprofile', '--norc', '-c', FINISH]
      if (!(await endsWell(build.container, finish))) return NOT_FINISHED
      const imageId = await engine.commitContainer(
        build.container,
        { repo: PACKAGES_REPOSITORY, tag: imageTag(image) },
        {
          ...COMMITTED_CONFIG,
          Labels: {
            ...imageLabels(image, build.baseId),
            [BUILDER_LABEL]: owner,
            // Of containers; an image that carried it would lend it to whatever is made of it.
            [BUILD_LABEL]: '',
          },
        },
      )
      tidy(build.tenant, build.baseId).catch(() => {})
      return { event: 'image', imageId }
    } catch {
      // Whoever waits for an answer holds the build: it is gone because it was too large.
      return builds.has(sandbox) ? NO_ENGINE : TOO_LARGE
    }
  }

  /** The tenant's oldest, and what stands on a base that is none any more. */
  async function tidy(tenant: string, base: string): Promise<void> {
    const own = (await engine.listImages(`${BUILDER_LABEL}=${owner}`)).filter(
      ({ Labels }) => Labels?.[PACKAGES_LABEL] !== undefined,
    )
    const ofTenant = own
      .filter(({ Labels }) => Labels?.[TENANT_LABEL] === tenant)
      .sort((a, b) => b.Created - a.Created)
    const old = new Set([
      ...ofTenant.slice(MAX_IMAGES_PER_TENANT),
      ...own.filter(({ Labels, RepoTags }) => {
        const isNameless = (RepoTags ?? []).every((tag) => tag === '<none>:<none>')
        return Labels?.[BASE_LABEL] !== base || isNameless
      }),
    ])
    for (const { Id } of old) await engine.removeImage(Id).catch(() => {})
  }

  return {
    start,
    commit,
    /** Of a tenant's list: an id, or null when it has to be built. */
    async find({ owner: tenant, packages }: ImageQuery): Promise<LauncherEvent> {
      try {
        const base = await baseId()
        if (base === null) return NO_BASE
        const imageId = await findPackagesImage(engine, { owner: tenant, packages }, base)
        return { event: 'image', imageId }
      } catch {
        return NO_ENGINE
      }
    },
    /** Removes what an earlier process has left, or what could not be removed when its build ended. */
    async reap(olderThanMs = 0): Promise<void> {
      const bornBefore = (Date.now() - olderThanMs) / 1_000
      const live = new Set([...builds.values()].map(({ container }) => container))
      for (const { Id, Created } of await engine.listContainers(`${BUILD_LABEL}=${owner}`)) {
        if (live.has(Id) || Created > bornBefore) continue
        await engine.removeContainer(Id).catch(() => {})
      }
    },
    async close(): Promise<void> {
      const removals = [...builds.values()].map(({ container }) =>
        engine.removeContainer(container).catch(() => {}),
      )
      await Promise.all(removals)
    },
  }
}

export type Builds = ReturnType<typeof createBuilds>
