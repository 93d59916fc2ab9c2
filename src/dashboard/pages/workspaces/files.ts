/** What is read and written of the files of a workspace. */
import type { Gateway, ResultOf } from '../../client/gateway.ts'
import { filePath, NOTHING_THERE, send } from '../../client/http.ts'
import { MAX_PICTURE_BYTES, MAX_TEXT_BYTES, pictureType } from './content.ts'

export interface Place {
  readonly agent: string
  readonly user: string
  /** Where one may write: only then no person is named. */
  readonly isOwn: boolean
}

const fileAt = ({ agent, user, isOwn }: Place, path: string): string =>
  filePath(path, agent, isOwn ? undefined : user)

/** The beginning of a file; all of it where it is a picture that is not too big. */
export async function readStart(
  place: Place,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (size === 0) return new Uint8Array()
  const read = async (bytes: number): Promise<Uint8Array> => {
    const init = { signal, headers: { range: `bytes=0-${bytes - 1}` } }
    // The file may have been emptied since it was listed.
    const answer = await send(fileAt(place, path), init, NOTHING_THERE)
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array()
  }
  const start = await read(MAX_TEXT_BYTES)
  const isCut = size > start.length && size <= MAX_PICTURE_BYTES
  return isCut && pictureType(start) !== null ? read(size) : start
}

const PAGE = 1_000

/** Of these names those under which something lies in a folder of one's own: an upload takes its place. */
export async function takenOf(
  { agent: agentId }: Place,
  prefix: string,
  names: readonly string[],
  gateway: Pick<Gateway, 'read'>,
  visit: AbortSignal,
): Promise<readonly string[]> {
  const lying = new Set<string>()
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const asked = { agentId, prefix, cursor: cursor ?? null, limit: PAGE }
    const { files, next }: ResultOf<'workspaces.files'> = await gateway.read(
      'workspaces.files',
      asked,
      visit,
    )
    for (const { path } of files) lying.add(path)
    cursor = next
  }
  return names.filter((name) => lying.has(prefix + name))
}

export async function upload(
  place: Place,
  path: string,
  file: Blob,
  signal: AbortSignal,
): Promise<void> {
  await send(fileAt(place, path), { method: 'PUT', body: file, signal })
}

export async function remove(place: Place, path: string): Promise<void> {
  await send(fileAt(place, path), { method: 'DELETE' })
}
