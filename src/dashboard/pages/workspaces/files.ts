/** The files of a workspace over HTTP: with the credential in the header, never in an address. */
import { gatewayOrigin } from '../../client/address.ts'
import { Refused, type WireRefusal } from '../../client/refusal.ts'
import { chosenTenant, sessionToken } from '../../client/session-token.ts'
import { MAX_PICTURE_BYTES, MAX_TEXT_BYTES, pictureType } from './content.ts'
import { encodePath } from './paths.ts'

export interface Place {
  readonly agent: string
  readonly user: string
  /** Where one may write: only then no person is named. */
  readonly isOwn: boolean
}

function addressOf({ agent, user, isOwn }: Place, path: string): string {
  const query = new URLSearchParams({ agentId: agent, ...(isOwn ? {} : { user }) })
  return `${gatewayOrigin()}/v1/files/${encodePath(path)}?${query}`
}

function headers(): Record<string, string> {
  const tenant = chosenTenant.get()
  return {
    authorization: `Bearer ${sessionToken.get() ?? ''}`,
    ...(tenant === null ? {} : { 'x-edgeclaw-tenant-id': tenant }),
  }
}

async function refusalOf(answer: Response): Promise<Refused> {
  const fallback = { code: 'UNAVAILABLE', message: `The gateway answered ${answer.status}.` }
  try {
    const body = (await answer.json()) as { readonly error?: Partial<WireRefusal> }
    return new Refused({ ...fallback, ...body.error })
  } catch {
    return new Refused(fallback)
  }
}

async function send(address: string, init: RequestInit, alsoFine?: number): Promise<Response> {
  const answer = await fetch(address, {
    ...init,
    headers: { ...headers(), ...(init.headers as Record<string, string> | undefined) },
  })
  if (!answer.ok && answer.status !== alsoFine) throw await refusalOf(answer)
  return answer
}

/** The file was emptied since it was listed. */
const NOTHING_THERE = 416

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
    const answer = await send(addressOf(place, path), init, NOTHING_THERE)
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array()
  }
  const start = await read(MAX_TEXT_BYTES)
  const isCut = size > start.length && size <= MAX_PICTURE_BYTES
  return isCut && pictureType(start) !== null ? read(size) : start
}

/** A link that works for some minutes and names no credential. */
export async function signedLink({ agent, user, isOwn }: Place, path: string): Promise<string> {
  const answer = await send(`${gatewayOrigin()}/v1/files/sign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path, agentId: agent, ...(isOwn ? {} : { user }) }),
  })
  const { url } = (await answer.json()) as { readonly url: string }
  if (!url.startsWith('/v1/files/')) throw new Error('The gateway answered no link.')
  return gatewayOrigin() + url
}

export async function upload(place: Place, path: string, file: Blob): Promise<void> {
  await send(addressOf(place, path), { method: 'PUT', body: file })
}

export async function remove(place: Place, path: string): Promise<void> {
  await send(addressOf(place, path), { method: 'DELETE' })
}
