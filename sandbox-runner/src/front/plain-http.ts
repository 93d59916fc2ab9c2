/** One request in a proxy's form, without TLS: to whom it goes, and its way there and back. */
import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { parseTarget, type Target } from './egress-list.ts'

export const HTTP_PORT = 80

/** Of the connection, not of the message (RFC 9110 §7.6.1). */
const HOP_HEADERS =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect)$/

export interface PlainTarget extends Target {
  readonly path: string
}

/** Null for anything but reading by an absolute URL. */
export function parsePlainRequest({ method, url }: IncomingMessage): PlainTarget | null {
  const parsed = URL.parse(url ?? '')
  if (parsed?.protocol !== 'http:' || (method !== 'GET' && method !== 'HEAD')) return null
  if (parsed.username !== '' || parsed.password !== '') return null
  const target = parseTarget(`${parsed.hostname}:${parsed.port || HTTP_PORT}`)
  return target === null ? null : { ...target, path: `${parsed.pathname}${parsed.search}` }
}

const passed = (headers: NodeJS.Dict<string[]>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, values]) =>
      values === undefined || HOP_HEADERS.test(name) ? [] : [[name, values]],
    ),
  )

/** Over a connection that stands already; it ends with the answer. */
export async function forwardPlain(
  request: IncomingMessage,
  response: ServerResponse,
  { host, port, path }: PlainTarget,
  socket: Socket,
): Promise<void> {
  const headers = {
    ...passed(request.headersDistinct),
    host: port === HTTP_PORT ? host : `${host}:${port}`,
    connection: 'close',
  }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = requestHttp({
      createConnection: () => socket,
      method: request.method,
      path,
      headers,
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end()
  })
  response.writeHead(answer.statusCode ?? 502, passed(answer.headersDistinct))
  await pipeline(answer, response)
}
