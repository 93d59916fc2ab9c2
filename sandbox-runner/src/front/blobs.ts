/**
 * File contents by (tenant, SHA-256), on disk, bounded. A cache: the gateway has everything it holds
 * (or is about to fetch it). Every question carries the tenant, so that another tenant's blob is as
 * absent as one that never was.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_BLOB_BYTES } from '../../../src/isolation/contract.ts'
import { sha256Of } from './body.ts'
import { Refusal } from './refusal.ts'

const BLOB_NAME = /^[0-9a-f]{64}$/
const TENANT_FOLDER = /^[0-9a-f]{32}$/

interface Entry {
  readonly path: string
  readonly size: number
  pins: number
}

export async function createBlobStore(folder: string, maxBytes: number) {
  /** In order of last use: the first is the next to go. */
  const entries = new Map<string, Entry>()
  let total = 0

  const tenantFolder = (tenant: string): string => sha256Of(tenant).slice(0, 32)
  const keyOf = (tenant: string, sha256: string): string => `${tenantFolder(tenant)}/${sha256}`

  function touch(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    entries.set(key, entry)
    return entry
  }

  function evict(): void {
    for (const [key, entry] of entries) {
      if (total <= maxBytes) return
      if (entry.pins > 0) continue
      entries.delete(key)
      total -= entry.size
      rm(entry.path, { force: true }).catch(() => {})
    }
  }

  await mkdir(join(folder, 'incoming'), { recursive: true, mode: 0o700 })
  for (const name of await readdir(join(folder, 'incoming'))) {
    await rm(join(folder, 'incoming', name), { force: true })
  }
  for (const tenant of await readdir(folder)) {
    if (!TENANT_FOLDER.test(tenant)) continue
    for (const name of await readdir(join(folder, tenant))) {
      if (!BLOB_NAME.test(name)) continue
      const path = join(folder, tenant, name)
      const { size } = await stat(path)
      entries.set(`${tenant}/${name}`, { path, size, pins: 0 })
      total += size
    }
  }
  evict()

  /** Stores what comes, whatever it is; its hash is computed on the way. */
  async function store(
    tenant: string,
    source: AsyncIterable<Uint8Array>,
    expected: string | null,
  ): Promise<{ sha256: string; size: number } | null> {
    const incoming = join(folder, 'incoming', randomBytes(12).toString('hex'))
    const file = await open(incoming, 'wx', 0o600)
    const hash = createHash('sha256')
    let size = 0
    try {
      for await (const chunk of source) {
        size += chunk.byteLength
        if (size > MAX_BLOB_BYTES) throw new Refusal('WORKSPACE_TOO_LARGE', 'a file is too large')
        hash.update(chunk)
        await file.write(chunk)
      }
    } catch (error) {
      await rm(incoming, { force: true })
      throw error
    } finally {
      await file.close()
    }
    const sha256 = hash.digest('hex')
    const key = keyOf(tenant, sha256)
    if ((expected !== null && sha256 !== expected) || touch(key) !== undefined) {
      await rm(incoming, { force: true })
      return expected !== null && sha256 !== expected ? null : { sha256, size }
    }
    const path = join(folder, tenantFolder(tenant), sha256)
    await mkdir(join(folder, tenantFolder(tenant)), { recursive: true, mode: 0o700 })
    await rename(incoming, path)
    if (!entries.has(key)) total += size
    entries.set(key, { path, size, pins: 0 })
    evict()
    return { sha256, size }
  }

  return {
    has: (tenant: string, sha256: string): boolean => touch(keyOf(tenant, sha256)) !== undefined,
    /** Null when the bytes are not those of the given hash; nothing is kept of them then. */
    put: (tenant: string, sha256: string, source: AsyncIterable<Uint8Array>) =>
      store(tenant, source, sha256),
    add: async (tenant: string, source: AsyncIterable<Uint8Array>) => {
      const stored = await store(tenant, source, null)
      if (stored === null) throw new Error('a blob without expectation was refused')
      return stored
    },
    read: async (tenant: string, sha256: string): Promise<Buffer | null> => {
      const entry = touch(keyOf(tenant, sha256))
      return entry === undefined ? null : readFile(entry.path).catch(() => null)
    },
    stream: (tenant: string, sha256: string) => {
      const entry = touch(keyOf(tenant, sha256))
      return entry === undefined ? null : { size: entry.size, stream: createReadStream(entry.path) }
    },
    /** Keeps blobs of a running job from being evicted; answers the release. */
    pin: (tenant: string, hashes: Iterable<string>): (() => void) => {
      const held: Entry[] = []
      for (const sha256 of hashes) {
        const entry = entries.get(keyOf(tenant, sha256))
        if (entry === undefined) continue
        entry.pins += 1
        held.push(entry)
      }
      return () => {
        for (const entry of held.splice(0)) entry.pins -= 1
        evict()
      }
    },
    bytes: (): number => total,
  }
}
export type BlobStore = Awaited<ReturnType<typeof createBlobStore>>
