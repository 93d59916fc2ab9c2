/**
 * Where connections out of a container may lead: a CONNECT proxy that knows a list of hosts, and
 * forwards for programs that know no proxy. It resolves, judges every answer, connects to the address
 * that was judged, and lets TLS through whose hello names the very host that was asked for. It never
 * looks into what is encrypted, and keeps nothing but names and byte counts for the log.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { EGRESS_PROXY_PORT } from '../../../src/isolation/contract.ts'
import { type LogFields, log } from '../log.ts'
import { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts'
import { isListed, parseTarget, type Target } from './egress-list.ts'
import { forwardPlain, HTTP_PORT, parsePlainRequest } from './plain-http.ts'
import { Refusal } from './refusal.ts'
import { type AddressPolicy, checkedAddress } from './resolve.ts'
import { createTurns } from './turns.ts'

const MAX_HEADER_BYTES = 8 * 1024
/** From a connection's beginning to the first byte that is passed on. */
const SETUP_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 120_000
/** Of one job: a name server that hangs must not hold what other jobs need. */
const MAX_LOOK_UPS = 2
/** For a refusal to be read. */
const LINGER_MS = 2_000
/** The longest host name; what was asked for may be anything. */
const MAX_LOGGED_CHARS = 253

export interface EgressProxyOptions {
  readonly hosts: readonly string[]
  /** Connections to these ports inside go to these hosts as they are. */
  readonly forwards: ReadonlyMap<number, Target>
  readonly addresses: AddressPolicy
  /** Of listed hosts, at port 80 or a listed one: for package indexes that are signed, not encrypted. */
  readonly allowsPlainHttp: boolean
  /** Whose connections these are. */
  readonly fields: LogFields
}

export type EgressRefusal =
  | 'malformed'
  | 'plain_http'
  | 'host_not_listed'
  | 'unresolvable'
  | 'private_address'
  | 'unreachable'
  | 'not_tls'
  | 'other_server_name'
  | 'hidden_server_name'

const SENTENCES: Readonly<Record<EgressRefusal, string>> = {
  malformed: 'the request is malformed',
  plain_http: 'only TLS connections are let through',
  host_not_listed: 'the host is not on the list of this program',
  unresolvable: 'the host name cannot be resolved',
  private_address: 'the host leads to an address that is not public',
  unreachable: 'the host cannot be reached',
  not_tls: 'the connection does not begin with a TLS hello',
  other_server_name: 'the TLS hello names another host',
  hidden_server_name: 'the TLS hello hides the host that it means',
}

class Denied extends Error {
  readonly why: EgressRefusal

  constructor(why: EgressRefusal) {
    super(SENTENCES[why])
    this.why = why
  }
}

/** Destroys what does not get on; answers how to call that off. */
function expire(stream: Duplex, ms: number): () => void {
  const timer = setTimeout(() => stream.destroy(), ms)
  const cancel = (): void => clearTimeout(timer)
  stream.once('close', cancel)
  return cancel
}

function connectTo(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true })
    const fail = (): void => {
      socket.destroy()
      reject(new Denied('unreachable'))
    }
    socket.setTimeout(CONNECT_TIMEOUT_MS, fail)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.off('timeout', fail)
      resolve(socket)
    })
  })
}

const serverNameFault = (host: string, data: Buffer): EgressRefusal | 'partial' | null => {
  const hello = readClientHello(data)
  if (hello.kind === 'partial') return data.length > MAX_HELLO_BYTES ? 'not_tls' : 'partial'
  if (hello.kind === 'malformed') return 'not_tls'
  if (hello.hidesName) return 'hidden_server_name'
  // An address has no name to send.
  const wanted = isIP(host) === 0 ? host : null
  return (hello.serverName?.toLowerCase() ?? null) === wanted ? null : 'other_server_name'
}

/** The hello's bytes, once they name the host: a list of names must not open what stands beside them. */
function readHello(stream: Duplex, head: Buffer, host: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let data = head
    const stop = (): void => {
      stream.off('data', onData)
      stream.off('close', onClose)
      stream.off('end', onClose)
      stream.pause()
    }
    const judge = (): boolean => {
      const fault = data.length === 0 ? 'partial' : serverNameFault(host, data)
      if (fault === 'partial') return false
      stop()
      if (fault === null) resolve(data)
      else reject(new Denied(fault))
      return true
    }
    const onData = (chunk: Buffer): void => {
      data = Buffer.concat([data, chunk])
      judge()
    }
    const onClose = (): void => {
      stop()
      reject(new Denied('not_tls'))
    }
    if (judge()) return
    stream.on('data', onData)
    stream.on('close', onClose)
    stream.on('end', onClose)
  })
}

export function createEgressProxy(options: EgressProxyOptions) {
  const { hosts, forwards, addresses, fields } = options
  const open = new Set<Duplex>()
  /** How to call off what ends a connection that gets nowhere. */
  const setups = new WeakMap<Duplex, () => void>()
  const lookUp = createTurns(MAX_LOOK_UPS)
  let isClosed = false

  async function reach({ host, port }: Target, stream: Duplex): Promise<Socket> {
    const address = await lookUp(async () => {
      // Nobody waits for it any more.
      if (isClosed || stream.destroyed) throw new Denied('unreachable')
      return checkedAddress(host, addresses)
    }).catch((error: unknown) => {
      if (error instanceof Denied) throw error
      const isPrivate = error instanceof Refusal && error.code === 'FETCH_REFUSED'
      throw new Denied(isPrivate ? 'private_address' : 'unresolvable')
    })
    const socket = await connectTo(address, port)
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    if (isClosed) socket.destroy()
    return socket
  }

  function refuse(stream: Duplex, why: EgressRefusal, host: string, isAnswered: boolean): void {
    log('egress_refused', { ...fields, host: host.slice(0, MAX_LOGGED_CHARS), reason: why })
    if (!isAnswered) {
      stream.destroy()
      return
    }
    const text = `${SENTENCES[why]}\n`
    const status = why === 'malformed' ? '400 Bad Request' : '403 Forbidden'
    stream.resume()
    stream.end(
      `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
    )
    expire(stream, LINGER_MS)
  }

  function relay(stream: Duplex, socket: Socket, { host, port }: Target): void {
    setups.get(stream)?.()
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy())
    stream.pipe(socket)
    socket.pipe(stream)
    stream.once('close', () => socket.destroy())
    socket.once('close', (hadError) => {
      const bytes = { sentBytes: socket.bytesWritten, receivedBytes: socket.bytesRead }
      log('egress', { ...fields, host, port, ...bytes })
      if (hadError || !socket.readableEnded) stream.destroy()
      else {
        // What has come is still on its way in; nothing goes out any more.
        stream.resume()
        expire(stream, IDLE_TIMEOUT_MS)
      }
    })
  }

  /** Resolves when bytes flow; what goes wrong before is a Denied, or the stream is gone already. */
  async function tunnel(stream: Duplex, head: Buffer, target: Target, speaksTls: boolean) {
    const socket = await reach(target, stream)
    stream.once('close', () => socket.destroy())
    if (stream.destroyed) {
      socket.destroy()
      return
    }
    if (!speaksTls) {
      relay(stream, socket, target)
      return
    }
    stream.write('HTTP/1.1 200 Connection established\r\n\r\n')
    try {
      socket.write(await readHello(stream, head, target.host))
    } catch (error) {
      socket.destroy()
      refuse(stream, error instanceof Denied ? error.why : 'unreachable', target.host, false)
      return
    }
    relay(stream, socket, target)
  }

  const whyOf = (error: unknown): EgressRefusal =>
    error instanceof Denied ? error.why : 'unreachable'

  function onConnect(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const asked = request.url ?? ''
    const target = parseTarget(asked)
    if (target === null || !isListed(hosts, target)) {
      refuse(stream, target === null ? 'malformed' : 'host_not_listed', asked, true)
      return
    }
    tunnel(stream, head, target, true).catch((error: unknown) =>
      refuse(stream, whyOf(error), target.host, true),
    )
  }

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!options.allowsPlainHttp) throw new Denied('plain_http')
    const asked = parsePlainRequest(request)
    if (asked === null) throw new Denied('malformed')
    if (!isListed(hosts, asked, HTTP_PORT)) throw new Denied('host_not_listed')
    setups.get(request.socket)?.()
    const socket = await reach(asked, request.socket)
    response.once('close', () => socket.destroy())
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy())
    await forwardPlain(request, response, asked, socket).catch(() => {
      throw new Denied('unreachable')
    })
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    passOn(request, response).catch((error: unknown) => {
      const why = whyOf(error)
      log('egress_refused', { ...fields, host: hostOf(request), reason: why })
      if (response.headersSent) {
        response.destroy()
        return
      }
      response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' })
      response.end(`${SENTENCES[why]}\n`)
    })
  }

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, onRequest)
  server.on('connect', onConnect)
  server.on('clientError', (_error, stream) => refuse(stream, 'malformed', '', true))

  return {
    accept: (stream: Duplex, port: number): void => {
      open.add(stream)
      stream.once('close', () => open.delete(stream))
      setups.set(stream, expire(stream, SETUP_TIMEOUT_MS))
      if (port === EGRESS_PROXY_PORT) {
        server.emit('connection', stream)
        return
      }
      const target = forwards.get(port)
      if (target === undefined) {
        stream.destroy()
        return
      }
      tunnel(stream, Buffer.alloc(0), target, false).catch((error: unknown) =>
        refuse(stream, whyOf(error), target.host, false),
      )
    },
    close: (): void => {
      isClosed = true
      for (const stream of open) stream.destroy()
    },
  }
}

/** Of a request in the form for proxies; a path is nobody's business here. */
const hostOf = ({ url, headers }: IncomingMessage): string =>
  (URL.parse(url ?? '')?.host ?? headers.host ?? '').slice(0, MAX_LOGGED_CHARS)
