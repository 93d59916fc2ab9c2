import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  ManifestEntry,
  ManifestStep,
  WorkspaceSource,
} from '../../../src/domain/ports/workspace.ts'
import { ManifestMemory, rememberedWorkspace } from '../../../src/gateway/remembered-workspace.ts'
import { sortedByPath } from '../../../src/objects/workspace/root.ts'
import { WorkspaceSteps } from '../../../src/objects/workspace/steps.ts'

const entry = (path: string, serial: number, isUntrusted = false): ManifestEntry => ({
  path,
  sha256: String(serial),
  size: serial,
  mode: 0o644,
  isUntrusted,
})

/** The object, as far as manifests go: what it holds, and how much of it each question was told. */
function fakeObject() {
  let files = new Map<string, ManifestEntry>()
  let steps = new WorkspaceSteps()
  let seq = 0
  const told: ManifestStep[] = []
  const manifest = () => ({
    root: JSON.stringify([...files]),
    entries: sortedByPath(files.values()),
  })
  const source = {
    manifestSince: async (version: string | null) => {
      const { root, entries } = manifest()
      const step = version === null ? null : steps.since(version, seq)
      const change = step ?? { put: entries, delete: [] }
      const answer = { root, version: steps.versionOf(seq), isWhole: step === null, ...change }
      told.push(answer)
      return answer
    },
  } as WorkspaceSource
  return {
    source,
    told,
    manifest,
    commit(put: readonly ManifestEntry[], remove: readonly string[] = []) {
      for (const path of remove) files.delete(path)
      for (const file of put) files.set(file.path, file)
      seq += 1
      steps.add(seq, { put, remove })
    },
    /** Evicted and loaded again: what was in memory is gone. */
    restart: () => {
      steps = new WorkspaceSteps()
    },
    erase: () => {
      files = new Map()
      steps = new WorkspaceSteps()
      seq = 0
    },
  }
}

const path = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'é', 'z')
const change = fc.oneof(
  { weight: 8, arbitrary: fc.record({ put: fc.uniqueArray(path), remove: fc.uniqueArray(path) }) },
  fc.constant('restart' as const),
  fc.constant('erase' as const),
  { weight: 6, arbitrary: fc.constant('look' as const) },
)

describe('a workspace that is remembered', () => {
  it('is after any commits, restarts and erasures what the object holds', () =>
    fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
        const object = fakeObject()
        const workspace = rememberedWorkspace(object.source, 'a', new ManifestMemory())
        let serial = 0
        for (const step of [...changes, 'look' as const]) {
          if (step === 'look') expect(await workspace.manifest()).toEqual(object.manifest())
          else if (step === 'restart') object.restart()
          else if (step === 'erase') object.erase()
          else {
            const put = step.put.map((name) => entry(name, ++serial, serial % 3 === 0))
            object.commit(put, step.remove)
          }
        }
      }),
    ))

  it('tells the next time only what changed, a label alone included', async () => {
    const object = fakeObject()
    const workspace = rememberedWorkspace(object.source, 'a', new ManifestMemory())
    object.commit([entry('a', 1), entry('b', 2)])
    await workspace.manifest()
    object.commit([entry('b', 2, true)])
    const { entries } = await workspace.manifest()
    expect(entries.map(({ isUntrusted }) => isUntrusted)).toEqual([false, true])
    expect(object.told.map(({ isWhole, put }) => [isWhole, put.length])).toEqual([
      [true, 2],
      [false, 1],
    ])
  })

  it('is told whole when more happened than the object remembers', async () => {
    const object = fakeObject()
    const workspace = rememberedWorkspace(object.source, 'a', new ManifestMemory())
    object.commit([entry('a', 1)])
    await workspace.manifest()
    for (let serial = 2; serial < 1_100; serial += 1) object.commit([entry('a', serial)])
    expect(await workspace.manifest()).toEqual(object.manifest())
    expect(object.told.at(-1)?.isWhole).toBe(true)
  })

  it('is never another one that shares the memory', async () => {
    const memory = new ManifestMemory()
    const [one, other] = [fakeObject(), fakeObject()]
    const ofOne = rememberedWorkspace(one.source, 'ten_a/main/u', memory)
    const ofOther = rememberedWorkspace(other.source, 'ten_b/main/u', memory)
    one.commit([entry('a', 1)])
    other.commit([entry('b', 2)])
    for (let round = 0; round < 2; round += 1) {
      expect(await ofOne.manifest()).toEqual(one.manifest())
      expect(await ofOther.manifest()).toEqual(other.manifest())
    }
  })

  it('is forgotten, the oldest first, when many are large', async () => {
    const memory = new ManifestMemory()
    const large = Array.from({ length: 9_000 }, (_, serial) => entry(`f${serial}`, serial))
    const objects = ['a', 'b', 'c'].map((name) => {
      const object = fakeObject()
      object.commit(large)
      return { name, object, workspace: rememberedWorkspace(object.source, name, memory) }
    })
    for (const { workspace } of objects) await workspace.manifest()
    expect(objects.map(({ name }) => memory.get(name) !== null)).toEqual([false, true, true])
    expect(await objects[0]?.workspace.manifest()).toEqual(objects[0]?.object.manifest())
  })
})
