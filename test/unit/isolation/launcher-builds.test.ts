/** The launcher's builds against an engine of a test's own: what is kept, what is swept away, and when. */
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBuilds } from '../../../sandbox-runner/src/launcher/builds.ts'
import type { Engine } from '../../../sandbox-runner/src/launcher/engine.ts'
import { imageLabels, imageName } from '../../../sandbox-runner/src/launcher/packages-image.ts'

const OWNER = 'c'.repeat(32)
const TENANT = 'a'.repeat(64)
const LIST = 'b'.repeat(64)
const BASE = 'sha256:base'

afterEach(() => void vi.useRealTimers())

function world(exitCodes: readonly (number | null)[] = [0]) {
  let asked = 0
  const containers = new Map<string, Readonly<Record<string, string>>>()
  const images = new Map<string, Readonly<Record<string, string>>>()
  let made = 0
  const engine: { -readonly [Call in keyof Engine]: Engine[Call] } = {
    info: async () => ({ Architecture: 'x86_64' }),
    imageId: async () => BASE,
    inspectImage: async (name) => {
      const labels = images.get(name)
      return labels === undefined ? null : { id: `id of ${name}`, labels }
    },
    listImages: async () => [],
    removeImage: async () => '',
    commitContainer: async (_id, { repo, tag }, config) => {
      const { Labels } = config as { readonly Labels: Readonly<Record<string, string>> }
      images.set(`${repo}:${tag}`, Labels)
      return 'sha256:made'
    },
    writtenBytes: async () => 0,
    createContainer: async (_name, spec) => {
      const id = `c${++made}`
      containers.set(id, (spec as { readonly Labels: Readonly<Record<string, string>> }).Labels)
      return id
    },
    inspectContainer: async () => ({}),
    startContainer: async () => '',
    removeContainer: async (id) => void containers.delete(id),
    listContainers: async (label) =>
      [...containers]
        .filter(([, labels]) => Object.entries(labels).some((pair) => pair.join('=') === label))
        .map(([Id, Labels]) => ({ Id, Created: Date.now() / 1_000 - 60, Labels })),
    createExec: async () => 'e1',
    attachExec: async () => {
      const socket = new PassThrough()
      socket.end()
      return { socket, head: Buffer.alloc(0) }
    },
    execExitCode: async () => exitCodes[Math.min(asked++, exitCodes.length - 1)] ?? null,
  }
  const builds = createBuilds({
    engine,
    owner: OWNER,
    image: 'base:1',
    runtime: null,
    seccomp: '{}',
    supervisor: '',
  })
  const start = async () => {
    const running = await builds.start({ op: 'build', owner: TENANT })
    if ('event' in running) throw new Error(running.code)
    return running
  }
  const find = (owner = TENANT, packages = LIST) => builds.find({ op: 'image', owner, packages })
  return { builds, containers, images, engine, start, find }
}

describe('a build', () => {
  it('becomes the image of its tenant and its list, and of no other', async () => {
    const { builds, start, find, containers } = world()
    const { sandbox, release } = await start()
    const commit = { op: 'commit', sandbox, packages: LIST } as const
    expect(await builds.commit(commit)).toEqual({ event: 'image', imageId: 'sha256:made' })
    expect(await find()).toMatchObject({ imageId: expect.stringContaining('edgeclaw-packages:') })
    expect(await find('d'.repeat(64))).toEqual({ event: 'image', imageId: null })
    expect(await find(TENANT, 'd'.repeat(64))).toEqual({ event: 'image', imageId: null })
    // Once: what is installed after that is in no image.
    expect(await builds.commit(commit)).toMatchObject({ event: 'failed', code: 'INVALID_JOB' })
    await release(false)
    expect(containers.size).toBe(0)
  })

  it('becomes no image when its last step fails, or when it is none', async () => {
    const { builds, start, images } = world([1])
    const { sandbox } = await start()
    // Nobody builds it again: it would end the same way.
    expect(await builds.commit({ op: 'commit', sandbox, packages: LIST })).toMatchObject({
      code: 'BUILD_FAILED',
    })
    const other = { op: 'commit', sandbox: '0'.repeat(24), packages: LIST } as const
    expect(await builds.commit(other)).toMatchObject({ code: 'INVALID_JOB' })
    expect(images.size).toBe(0)
  })

  it('may be asked for again when it is the engine that fails', async () => {
    const { builds, start, engine, images } = world()
    const { sandbox } = await start()
    engine.attachExec = () => Promise.reject(new Error('no engine'))
    expect(await builds.commit({ op: 'commit', sandbox, packages: LIST })).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    })
    expect(images.size).toBe(0)
  })

  it('is too large when it was taken away for that during its last step', async () => {
    const { builds, start, engine } = world()
    const { sandbox, release } = await start()
    engine.execExitCode = async () => {
      await release(false)
      throw new Error('no such container')
    }
    expect(await builds.commit({ op: 'commit', sandbox, packages: LIST })).toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('disk'),
    })
  })

  it('is finished once the engine knows how its last step went', async () => {
    const { builds, start } = world([null, null, 0])
    const { sandbox } = await start()
    expect(await builds.commit({ op: 'commit', sandbox, packages: LIST })).toMatchObject({
      event: 'image',
    })
  })

  it.each([
    ['says nothing', () => new PassThrough()],
    ['hangs up and runs on', () => new PassThrough().end()],
  ])('fails when its last step %s for a minute', async (_what, socket) => {
    vi.useFakeTimers()
    const { builds, start, engine, images } = world([null])
    const { sandbox, release } = await start()
    engine.attachExec = async () => ({ socket: socket(), head: Buffer.alloc(0) })
    const committed = builds.commit({ op: 'commit', sandbox, packages: LIST })
    const isOver = vi.fn()
    committed.then(isOver)
    await vi.advanceTimersByTimeAsync(59_000)
    expect(isOver).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_200)
    expect(isOver).toHaveBeenCalledWith(expect.objectContaining({ code: 'BUILD_FAILED' }))
    expect(images.size).toBe(0)
    await release(false)
  })

  it('is one of two at a time', async () => {
    const { builds, start } = world()
    const first = await start()
    await start()
    expect(await builds.start({ op: 'build', owner: TENANT })).toMatchObject({ code: 'CAPACITY' })
    await first.release(false)
    await start()
  })

  it('is left alone while it lives, and swept away when nobody knows it', async () => {
    const { builds, start, containers, engine } = world()
    await start()
    await engine.createContainer('left', { Labels: { 'edgeclaw.build': OWNER } })
    await engine.createContainer('foreign', { Labels: { 'edgeclaw.build': 'e'.repeat(32) } })
    await builds.reap(120_000)
    expect([...containers.keys()]).toEqual(['c1', 'c2', 'c3'])
    await builds.reap()
    expect([...containers.keys()]).toEqual(['c1', 'c3'])
    await builds.close()
    expect([...containers.keys()]).toEqual(['c3'])
  })
})

describe('an image with packages', () => {
  const image = { owner: TENANT, packages: LIST }
  const name = imageName(image)

  it.each([
    ['another base', { 'edgeclaw.base': 'sha256:old' }],
    ['another tenant', { 'edgeclaw.tenant': `${TENANT.slice(1)}f` }],
    ['another list', { 'edgeclaw.packages': `${LIST.slice(1)}f` }],
  ])('counts as missing when its label says %s', async (_what, label) => {
    const { images, find } = world()
    images.set(name, imageLabels(image, BASE))
    expect(await find()).toEqual({ event: 'image', imageId: `id of ${name}` })
    images.set(name, { ...imageLabels(image, BASE), ...label })
    expect(await find()).toEqual({ event: 'image', imageId: null })
  })
})
