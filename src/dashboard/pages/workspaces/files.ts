/** What is read and written of the files of a workspace. */
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

export async function upload(place: Place, path: string, file: Blob): Promise<void> {
  await send(fileAt(place, path), { method: 'PUT', body: file })
}

export async function remove(place: Place, path: string): Promise<void> {
  await send(fileAt(place, path), { method: 'DELETE' })
}
