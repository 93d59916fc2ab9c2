/**
 * Reads the archive of changed files that comes out of a container. Everything about it is hostile:
 * plain files with workspace paths are taken, each once, within sizes and counts; anything else
 * refuses the whole. Contents go straight to the blob store, so memory stays small.
 */
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import {
  isWorkspacePath,
  MAX_BLOB_BYTES,
  MAX_WORKSPACE_BYTES,
  MAX_WORKSPACE_FILES,
  type WireManifestEntry,
} from '../../../src/isolation/contract.ts'
import { FrameError } from '../frames.ts'
import { hasFileBelowFile } from './manifests.ts'
import { Refusal } from './refusal.ts'

export type StoreFile = (
  source: AsyncIterable<Uint8Array>,
) => Promise<{ readonly sha256: string; readonly size: number }>

const MB = 1024 * 1024
/** Per file its header, a long name's two blocks, the name's up to three, and padding. */
const MAX_OVERHEAD_BYTES = 4 * 1024
/** What an honest archive is at most, to its last block: headers alone could go on without end. */
const MAX_ARCHIVE_BYTES = MAX_WORKSPACE_BYTES + MAX_WORKSPACE_FILES * MAX_OVERHEAD_BYTES

/** Shown to the model and the user: quoted, and short enough for one line. */
const shown = (path: string): string => JSON.stringify(path.slice(0, 200))

const tooLarge = (message: string): never => {
  throw new Refusal('WORKSPACE_TOO_LARGE', message)
}
const reject = (message: string): never => {
  throw new Refusal('CHANGES_REJECTED', message)
}

/** The container's output ended before its supervisor had said that it was done. */
export class LostError extends Error {
  override readonly name = 'LostError'
}

/** `./a/b` as `tar` and `find` write it, to a workspace path; refuses whatever is none. */
export function parseContainerPath(name: string): string {
  const path = name.startsWith('./') ? name.slice(2) : name
  return isWorkspacePath(path)
    ? path
    : reject(`the command left a file whose name a workspace cannot hold: ${shown(path)}`)
}

async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > MAX_ARCHIVE_BYTES) return tooLarge('the archive of changes does not end')
    yield chunk
  }
}

export async function unpackChanges(
  source: AsyncIterable<Uint8Array>,
  storeFile: StoreFile,
): Promise<readonly WireManifestEntry[]> {
  const found = new Map<string, WireManifestEntry>()
  let bytes = 0
  const parser = extract()
  const input = Readable.from(bounded(source))
  input.on('error', (error) => parser.destroy(error))
  input.pipe(parser as unknown as NodeJS.WritableStream)
  try {
    for await (const entry of parser) {
      const { name, type, size, mode } = entry.header
      if (type !== 'file' && type !== 'contiguous-file') {
        return reject('the archive of changes holds something that is no plain file')
      }
      const path = parseContainerPath(name)
      if (found.has(path)) return reject('the archive of changes names a file twice')
      if (found.size >= MAX_WORKSPACE_FILES) {
        return tooLarge(`the command changed more than ${MAX_WORKSPACE_FILES} files`)
      }
      if (size === undefined || !(size <= MAX_BLOB_BYTES)) {
        return tooLarge(
          `the command left a file of more than ${MAX_BLOB_BYTES / MB} MB: ${shown(path)}`,
        )
      }
      bytes += size
      if (bytes > MAX_WORKSPACE_BYTES) {
        return tooLarge(`the command changed more than ${MAX_WORKSPACE_BYTES / MB} MB of files`)
      }
      const stored = await storeFile(entry as unknown as AsyncIterable<Uint8Array>)
      found.set(path, { path, ...stored, mode: ((mode ?? 0o644) & 0o777) | 0o600 })
    }
  } catch (error) {
    input.destroy()
    const isKnown = [Refusal, LostError, FrameError].some((kind) => error instanceof kind)
    if (isKnown) throw error
    throw new Refusal('CHANGES_REJECTED', 'the archive of changes is damaged', {
      detail: error instanceof Error ? error.message : 'unknown',
    })
  }
  if (hasFileBelowFile(found)) return reject('the archive of changes has a file below a file')
  return [...found.values()]
}
