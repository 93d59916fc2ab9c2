import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { WebSocket as ServerSocket } from 'ws'
import { chat } from '../../../src/cli/chat.ts'
import { DisconnectedError, GatewayClient, RefusedError } from '../../../src/cli/client.ts'
import {
  flagsFor,
  openTerminal,
  type Request,
  refuse,
  respond,
  TOKEN,
  useFakeGateway,
} from './fake-gateway.ts'

const KEY = 'agent:default:ws:direct:one'
const gateway = useFakeGateway()

const tell = (socket: ServerSocket, seq: number, type: string, payload: object, sessionKey = KEY) =>
  socket.send(
    JSON.stringify({
      type: 'event',
      event: 'agent',
      seq,
      payload: { type, runId: 'run_1', sessionKey, payload },
    }),
  )

const io = (signal = new AbortController().signal) => ({ ...openTerminal(), signal })

describe('chat', () => {
  it('streams the answer to stdout and the rest to stderr', async () => {
    const { url, requests } = await gateway((request, socket) => {
      tell(socket, 1, 'run.started', { message: 'hi' })
      tell(socket, 2, 'tool.call', { id: 'c', name: 'exec', arguments: { command: 'id' } })
      tell(socket, 3, 'tool.result', { id: 'c', name: 'exec', result: 'uid=1000' })
      tell(socket, 4, 'chunk', { content: 'You are ' })
      tell(socket, 5, 'chunk', { content: '1000.' })
      respond(socket, request, { runId: 'run_1', content: 'You are 1000.' })
    })
    const terminal = io()
    expect(await chat(['who', 'am I?', '--agent', 'helper', ...flagsFor(url)], terminal)).toBe(0)
    expect(terminal.written.out).toBe('You are 1000.\n')
    expect(terminal.written.err).toBe(`▸ exec id\n✓ uid=1000\ncontinue with --session ${KEY}\n`)
    expect(requests.at(-1)?.params).toMatchObject({ message: 'who am I?', agentId: 'helper' })
  })

  it('makes a session key of a plain name, and takes a whole key as it is', async () => {
    const { url, requests } = await gateway((request, socket) => respond(socket, request, {}))
    await chat(['x', '--session', 'one', ...flagsFor(url)], io())
    await chat(['x', '--session', KEY, ...flagsFor(url)], io())
    const keys = requests.filter((r) => r.method === 'chat.send').map((r) => r.params['sessionKey'])
    expect(keys).toEqual([KEY, KEY])
  })

  it('shows what a gateway says that lacks a setting, and takes no other 503 for its word', async () => {
    let body = JSON.stringify({ error: { code: 'UNAVAILABLE', message: 'EDGECLAW_X is missing' } })
    const server = createServer((_request, response) => response.writeHead(503).end(body))
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 no\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      await expect(chat(['x', ...flagsFor(url)], io())).rejects.toThrow('EDGECLAW_X is missing')
      body = '<h1>somebody’s proxy</h1>'
      await expect(chat(['x', ...flagsFor(url)], io())).rejects.toThrow('no gateway answers')
    } finally {
      server.close()
    }
  })

  it('shows nothing of another session', async () => {
    const { url } = await gateway((request, socket) => {
      tell(socket, 1, 'chunk', { content: 'secret' }, 'agent:default:ws:direct:other')
      respond(socket, request, { content: 'mine' })
    })
    const terminal = io()
    await chat(['x', '--session', KEY, ...flagsFor(url)], terminal)
    expect(terminal.written.out).toBe('mine\n')
  })

  it('repeats an unanswered message under its key after a drop, and shows nothing twice', async () => {
    const { url, requests } = await gateway((request, socket, connection) => {
      if (connection === 1) {
        tell(socket, 1, 'run.started', { message: 'hi' })
        tell(socket, 2, 'chunk', { content: 'Hel' })
        socket.close(1012, 'restarting')
      } else if (request.method === 'sessions.resume') {
        tell(socket, 2, 'chunk', { content: 'Hel' })
        tell(socket, 3, 'chunk', { content: 'lo' })
        respond(socket, request, {})
      } else {
        respond(socket, request, { content: 'Hello' })
      }
    })
    const terminal = io()
    expect(await chat(['hi', ...flagsFor(url)], terminal)).toBe(0)
    expect(terminal.written.out).toBe('Hello\n')
    const sends = requests.filter(({ method }) => method === 'chat.send')
    expect(sends).toHaveLength(2)
    expect(sends[1]?.params['idempotencyKey']).toBe(sends[0]?.params['idempotencyKey'])
    expect(sends[1]?.params['sessionKey']).toBe(KEY)
    expect(requests.find(({ method }) => method === 'sessions.resume')?.params).toEqual({
      sessionKey: KEY,
      afterSeq: 2,
    })
  })

  it('says in plain words that nobody answers', async () => {
    await expect(chat(['x', '--url', 'http://127.0.0.1:1'], io())).rejects.toThrow(
      'no gateway answers at http://127.0.0.1:1; start one with: npm start',
    )
  })

  it('says in plain words that the token is wrong or missing', async () => {
    const { url } = await gateway(() => undefined)
    const wrong = { ...io(), env: { EDGECLAW_TOKEN: 'wrong' } }
    await expect(chat(['x', '--url', url], wrong)).rejects.toThrow(
      'wrong credential (UNAUTHORIZED)',
    )
    const none = { ...io(), env: {} }
    await expect(chat(['x', '--url', url], none)).rejects.toThrow('Log in with: edgeclaw login')
  })

  it('tells why a run failed, and that a run was cancelled', async () => {
    const { url } = await gateway((request, socket) => {
      if (request.params['message'] === 'stop') respond(socket, request, { cancelled: true })
      else refuse(socket, request, 'UNAVAILABLE', 'the model answered 500')
    })
    await expect(chat(['x', ...flagsFor(url)], io())).rejects.toThrow('the model answered 500')
    const terminal = io()
    expect(await chat(['stop', ...flagsFor(url)], terminal)).toBe(1)
    expect(terminal.written.err).toContain('The run was cancelled.')
  })

  it('asks the gateway to stop the run when interrupted', async () => {
    const interruption = new AbortController()
    let send: Request | null = null
    const { url, requests } = await gateway((request, socket) => {
      if (request.method === 'chat.send') {
        send = request
        tell(socket, 1, 'run.started', { message: 'x' })
        socket.send('pong', () => interruption.abort())
      } else if (send !== null) {
        respond(socket, send, { cancelled: true })
      }
    })
    expect(await chat(['x', '--session', KEY, ...flagsFor(url)], io(interruption.signal))).toBe(1)
    expect(requests.at(-1)).toMatchObject({ method: 'chat.abort', params: { sessionKey: KEY } })
  })

  it('prints frames as JSON lines when asked to', async () => {
    const { url } = await gateway((request, socket) => {
      tell(socket, 1, 'run.started', { message: 'x' })
      respond(socket, request, { content: 'y' })
    })
    const terminal = io()
    await chat(['x', '--json', ...flagsFor(url)], terminal)
    const lines = terminal.written.out.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'event',
      'res',
    ])
  })

  it('rejects a chat without a message', async () => {
    await expect(chat([' '], io())).rejects.toThrow('what should be said?')
  })
})

describe('GatewayClient', () => {
  it('answers requests by id, whatever their order', async () => {
    const held: Request[] = []
    const { url } = await gateway((request, socket) => {
      held.push(request)
      if (held.length === 2) for (const one of held.reverse()) respond(socket, one, one.method)
    })
    const { client } = await GatewayClient.connect({ url, token: TOKEN })
    expect(await Promise.all([client.request('a'), client.request('b')])).toEqual(['a', 'b'])
    client.close()
  })

  it('hands over refusals with their code', async () => {
    const { url } = await gateway((request, socket) => refuse(socket, request, 'NOT_FOUND', 'no'))
    const { client } = await GatewayClient.connect({ url, token: TOKEN })
    const error = await client.request('x').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RefusedError)
    expect((error as RefusedError).refusal.code).toBe('NOT_FOUND')
    client.close()
  })

  it('rejects what is unanswered when the socket closes, and what comes after', async () => {
    const { url } = await gateway((_, socket) => socket.close(1013, 'too slow'))
    const { client } = await GatewayClient.connect({ url, token: TOKEN })
    await expect(client.request('x')).rejects.toMatchObject({ code: 1013, message: 'too slow' })
    await expect(client.request('y')).rejects.toBeInstanceOf(DisconnectedError)
    expect((await client.closed).code).toBe(1013)
  })

  it('sends the token of a session socket in a header, never in the address', async () => {
    const { url, server } = await gateway(() => undefined)
    const offered = new Promise<{ path?: string; protocols?: string }>((resolve) => {
      server.once('connection', (_, request) =>
        resolve({
          ...(request.url === undefined ? {} : { path: request.url }),
          protocols: String(request.headers['sec-websocket-protocol']),
        }),
      )
    })
    const { client, hello } = await GatewayClient.connect({ url, token: TOKEN, sessionKey: KEY })
    expect(hello).toBeNull()
    const { path, protocols } = await offered
    expect(path).toBe(`/v1/sessions/${encodeURIComponent(KEY)}/ws`)
    expect(protocols).toContain(`bearer.${Buffer.from(TOKEN).toString('base64url')}`)
    client.close()
  })
})
