/**
 * A workspace as a tar stream for the container. Every file gets the same sentinel mtime, twenty years
 * back and with random nanoseconds: far from any "now", so that a write shows however quick it is, and
 * in the order of jobs, which make and its like go by.
 */
import { randomInt } from 'node:crypto'
import { pack } from 'tar-stream'
import type { WireManifestEntry } from '../../../src/isolation/contract.ts'
import type { BlobStore } from './blobs.ts'
import type { Manifest } from './manifests.ts'
import { Refusal } from './refusal.ts'

/** Files read ahead while earlier ones are packed. */
const READ_AHEAD = 16
const BLOCK_BYTES = 512
/** As in the supervisor, which puts back what a job wrote. */
const TWENTY_YEARS_SECONDS = 630_720_000

export const sentinelAt = (nowMs: number): string =>
  `${Math.floor(nowMs / 1_000) - TWENTY_YEARS_SECONDS}.${String(1 + randomInt(999_999_998)).padStart(9, '0')}`

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')

/** A pax global header (POSIX.1-2001): its mtime holds for every file that follows. */
export function globalMtimeHeader(mtime: string): Buffer {
  const body = ` mtime=${mtime}\n`
  // The length counts its own digits.
  const record = `${body.length + 2}${body}`
  const blocks = Buffer.alloc(2 * BLOCK_BYTES)
  blocks.write('pax_global_header', 0, 'latin1')
  blocks.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1')
  blocks.write(`${octal(record.length, 11)}\0${octal(0, 11)}\0`, 124, 'latin1')
  blocks.write('        g', 148, 'latin1')
  blocks.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of blocks.subarray(0, BLOCK_BYTES)) sum += byte
  blocks.write(`${octal(sum, 6)}\0 `, 148, 'latin1')
  blocks.write(record, BLOCK_BYTES, 'latin1')
  return blocks
}

export async function* packWorkspace(
  manifest: Manifest,
  tenant: string,
  blobs: BlobStore,
  sentinel: string,
): AsyncGenerator<Buffer> {
  const entries = [...manifest.values()]
  const archive = pack()
  const read = async (entry: WireManifestEntry) => ({
    entry,
    bytes: await blobs.read(tenant, entry.sha256),
  })
  // Pulled, not piped: nothing is packed before the container has taken what was packed before.
  function* packed(): Generator<Buffer> {
    for (;;) {
      const chunk: unknown = archive.read()
      if (!(chunk instanceof Uint8Array)) return
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
  }
  yield globalMtimeHeader(sentinel)
  const ahead = entries.slice(0, READ_AHEAD).map(read)
  for (let next = READ_AHEAD; ahead.length > 0; next += 1) {
    const current = await ahead.shift()
    const following = entries[next]
    if (following !== undefined) ahead.push(read(following))
    if (current === undefined) break
    const { entry, bytes } = current
    // A truncated or lost cache file: the job must not start on something else than it was given.
    if (bytes === null || bytes.length !== entry.size) {
      throw new Refusal('ENGINE_UNAVAILABLE', 'a file of the workspace was lost on the way')
    }
    const { path, mode, size } = entry
    const header = { name: path, mode: mode | 0o600, size, mtime: new Date(0), uid: 0, gid: 0 }
    archive.entry(header, bytes)
    yield* packed()
  }
  archive.finalize()
  yield* packed()
}
