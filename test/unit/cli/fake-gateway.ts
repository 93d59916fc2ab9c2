/** A gateway that speaks the wire to a command under test, and notes what it was asked. */
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'

export interface Request {
  readonly id: string
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

export type Answer = (request: Request, socket: ServerSocket, connection: number) => void

export interface FakeGateway {
  readonly url: string
  readonly requests: readonly Request[]
  readonly server: WebSocketServer
}

export const TOKEN = 'right'
export const GREETING = {
  protocol: 3,
  role: 'owner',
  scopes: ['operator.admin'],
  user_id: 'olga',
  tenant_id: 'ten_AbCdEfGh',
  tenant_slug: 'acme',
  is_master_scope: false,
  server: { name: 'edgeclaw', version: '0.1.0' },
}

export const respond = (socket: ServerSocket, { id }: Request, payload: unknown): void =>
  socket.send(JSON.stringify({ type: 'res', id, ok: true, payload }))
export const refuse = (
  socket: ServerSocket,
  { id }: Request,
  code: string,
  message: string,
  more: object = {},
): void =>
  socket.send(JSON.stringify({ type: 'res', id, ok: false, error: { code, message, ...more } }))

/** The token is in the terminal's environment: it is no argument. */
export const flagsFor = (url: string): readonly string[] => ['--url', url]

/** Ends with the test that opened it; `answer` plays everything after a right `connect`. */
export function useFakeGateway(): (answer: Answer) => Promise<FakeGateway> {
  let server: WebSocketServer | null = null
  afterEach(() => {
    for (const client of server?.clients ?? []) client.terminate()
    server?.close()
    server = null
  })
  return async (answer) => {
    const requests: Request[] = []
    const listening = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server = listening
    let connections = 0
    listening.on('connection', (socket) => {
      const connection = ++connections
      socket.on('message', (data) => {
        const request = JSON.parse(String(data)) as Request
        requests.push(request)
        if (request.method !== 'connect') {
          answer(request, socket, connection)
        } else if (request.params['token'] === TOKEN) {
          respond(socket, request, GREETING)
        } else {
          refuse(socket, request, 'UNAUTHORIZED', 'wrong credential')
          socket.close(1008, 'unauthorized')
        }
      })
    })
    await new Promise((resolve) => listening.once('listening', resolve))
    const { port } = listening.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, requests, server: listening }
  }
}

export interface Terminal {
  readonly written: { out: string; err: string }
  readonly stdout: { write(text: string): string }
  readonly stderr: { write(text: string): string }
  readonly env: Readonly<Record<string, string>>
}

export function openTerminal(
  env: Readonly<Record<string, string>> = { EDGECLAW_TOKEN: TOKEN },
): Terminal {
  const written = { out: '', err: '' }
  return {
    written,
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env,
  }
}
