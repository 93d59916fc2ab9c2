/** The gateway over HTTP, for what is no operation: files. The credential goes in a header, never in an address. */
import { gatewayOrigin } from './address.ts'
import { Refused, type WireRefusal } from './refusal.ts'
import { paced } from './repeat.ts'
import { chosenTenant, sessionToken } from './session-token.ts'
import { withinVisit } from './visit.ts'

function credentials(): Record<string, string> {
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

export interface Sent extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What was refused for its pace alone is sent again, when the gateway says so.
 *
 * @param path begins with `/v1/`
 * @param alsoFine a status that is an answer and no refusal
 * @throws Refused, with the gateway's reason
 * @throws Elsewhere when the visit has ended in which it was begun: it is sent nowhere else
 */
export async function send(path: string, init: Sent = {}, alsoFine?: number): Promise<Response> {
  const signal = withinVisit(init.signal)
  return paced(signal, async () => {
    signal.throwIfAborted()
    const headers = { ...init.headers, ...credentials() }
    const answer = await fetch(`${gatewayOrigin()}${path}`, { ...init, headers, signal })
    if (answer.ok || answer.status === alsoFine) return answer
    throw await refusalOf(answer)
  })
}

/** Of an empty file there is no first byte. */
export const NOTHING_THERE = 416

/**
 * Where a file of a workspace is. Whose it is must be said of another's alone, which admins may read.
 * @throws for a path with `.` or `..` in it: browsers resolve them, encoded ones as well, and a link to
 *   a page could have it ask the gateway for something else than a file.
 */
export function filePath(path: string, agent: string, user?: string): string {
  const names = path.split('/')
  if (names.some((name) => name === '.' || name === '..')) throw new Error('There is no such file.')
  const query = new URLSearchParams({ agentId: agent, ...(user === undefined ? {} : { user }) })
  return `/v1/files/${names.map(encodeURIComponent).join('/')}?${query}`
}

/**
 * A link to that file alone, which works for some minutes and names no credential: a browser that saves
 * what is behind it holds none of it in memory.
 * @throws Refused, where there is no such file
 */
export async function signedLink(path: string, agent: string, user?: string): Promise<string> {
  await send(filePath(path, agent, user), { headers: { range: 'bytes=0-0' } }, NOTHING_THERE)
  const answer = await send('/v1/files/sign', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path, agentId: agent, ...(user === undefined ? {} : { user }) }),
  })
  const { url } = (await answer.json()) as { readonly url: string }
  if (!url.startsWith('/v1/files/')) throw new Error('The gateway answered no link.')
  return gatewayOrigin() + url
}
