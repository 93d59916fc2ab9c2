/** The socket's client: it tells the gateway how far it has read, and asks for nothing before it is let in. */
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectOptions, GatewayClient } from '../../../src/cli/client.ts'
import { type Answer, type FakeGateway, TOKEN, useFakeGateway } from './fake-gateway.ts'

const startGateway = useFakeGateway()

let opened: GatewayClient | null = null
afterEach(() => {
  opened?.close()
  opened = null
})

async function connectTo(
  { url }: FakeGateway,
  options: Partial<ConnectOptions> = {},
): Promise<GatewayClient> {
  const { client } = await GatewayClient.connect({ url, token: TOKEN, ...options })
  opened = client
  return client
}

/** The gateway marks a frame now and then: here an event and the answer, where `marked` is asked. */
const markingAnswer: Answer = ({ id, method }, socket) => {
  if (method === 'ack') return
  const marked = (frame: object, mark: string): string =>
    JSON.stringify(method === 'marked' ? { ...frame, mark } : frame)
  socket.send(marked({ type: 'event', event: 'tick' }, 'mrk_event'))
  socket.send(marked({ type: 'res', id, ok: true, payload: null }, 'mrk_answer'))
}

const asked = ({ requests }: FakeGateway) =>
  requests.map(({ method, params }) => (method === 'ack' ? `ack ${params['mark']}` : method))

describe('a socket of the command line', () => {
  it('names the marks of what it has read, in answers and events', async () => {
    const gateway = await startGateway(markingAnswer)
    const client = await connectTo(gateway)
    await client.request('marked')
    await client.request('plain')
    expect(asked(gateway)).toEqual([
      'connect',
      'marked',
      'ack mrk_event',
      'ack mrk_answer',
      'plain',
    ])
  })

  it('names them on a session’s own socket, which is let in when it opens', async () => {
    const gateway = await startGateway(markingAnswer)
    const client = await connectTo(gateway, { sessionKey: 'agent:default:ws:direct:a' })
    await client.request('marked')
    await client.request('plain')
    expect(asked(gateway)).toEqual(['marked', 'ack mrk_event', 'ack mrk_answer', 'plain'])
  })

  it('names none before connect is answered, which would cost it the socket', async () => {
    const gateway = await startGateway(markingAnswer)
    gateway.server.on('connection', (socket) =>
      socket.send(JSON.stringify({ type: 'event', event: 'tick', mark: 'mrk_early' })),
    )
    const client = await connectTo(gateway)
    await client.request('plain')
    expect(asked(gateway)).toEqual(['connect', 'plain'])
  })
})
