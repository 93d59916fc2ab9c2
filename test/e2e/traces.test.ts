/**
 * One trace from the socket's frame to the process in the sandbox, as a receiver of OTLP sees it that is
 * not ours to decode with. Texts with credentials go through everything that a span is made of on the way.
 *
 * EDGECLAW_SECRET_SETS names a folder with the evaluation sets; without it made-up tokens of every kind do.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { missingDocker } from '../support/docker.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import { orphansOf, type ReceivedSpan, receiveSpans } from '../support/otlp-receiver.ts'
import { readSecrets } from '../support/secret-sets.ts'
import { SURROUNDED, TOKENS } from '../unit/output/samples.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'
const NOT_SET = '0'.repeat(16)
/** A session writes its traces every five seconds, its tenant sends them on a little later. */
const SENT_MS = 60_000
/** Texts of one message: each is said, written, and made a tool's name and argument. */
const BATCH = 12

interface Text {
  readonly input: string
  readonly secret: string
}

const MADE_UP: readonly Text[] = [
  ...Object.values(TOKENS).map((token) => ({ input: token, secret: token })),
  ...Object.values(SURROUNDED).map((parts) => ({ input: parts.join(''), secret: parts[1] })),
]

function texts(): readonly Text[] {
  const folder = process.env['EDGECLAW_SECRET_SETS']
  const rows = folder
    ? readSecrets(folder, 'secrets_pos').map(({ input, secret = input }) => ({ input, secret }))
    : MADE_UP
  return rows.filter(({ secret }) => secret.trim() !== '')
}

/** What cannot be a tool's name ends the answer that holds it. */
const nameOf = (secret: string): string =>
  /^[\x21-\x7e]{1,64}$/.test(secret) ? secret : secret.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 64)

async function startReceiver() {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    // What is no field of the definitions is looked at, too.
    bodies.push(body.toString('latin1'), body.toString('utf8'))
    spans.push(...receiveSpans(body))
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { spans, bodies, server, endpoint: `http://127.0.0.1:${port}/v1/traces` }
}

const missing = await missingDocker('the trace of a turn')

describe.skipIf(missing !== null)('a turn whose tool runs in a sandbox', () => {
  let gateway: GatewayProcess
  let client: GatewayClient
  let receiver: Awaited<ReturnType<typeof startReceiver>>

  beforeAll(async () => {
    receiver = await startReceiver()
    gateway = await startGatewayProcess()
    client = await gateway.connect()
    await client.request('config.patch', {
      raw: {
        gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
        tools: { rate_limit_per_hour: 0 },
      },
    })
    await client.request('traces.exporter.set', {
      endpoint: receiver.endpoint,
      allow_private_network: true,
    })
  })
  afterAll(async () => {
    client?.close()
    await gateway?.stop()
    receiver?.server.close()
  })

  const ofTrace = (id: string) => receiver.spans.filter(({ traceId }) => traceId === id)

  it('is one connected trace, from the frame that came in to the runner’s process', async () => {
    await client.request('chat.send', {
      sessionKey: 'agent:default:ws:direct:traced',
      message: 'run: echo traced',
      traceparent: `00-${TRACE}-${CALLER}-01`,
    })
    await until('the trace is sent', () => ofTrace(TRACE).length > 0, SENT_MS)
    const spans = ofTrace(TRACE)
    expect(orphansOf(spans, CALLER)).toEqual([])
    const process = spans.find(({ name }) => name === 'process')
    expect(process).toMatchObject({
      service: 'edgeclaw-sandbox-runner',
      attributes: { 'process.exit.code': 0 },
    })
    const path: string[] = []
    for (let at = process; at; ) {
      path.unshift(at.name)
      const { parentSpanId } = at
      at = spans.find(({ spanId }) => spanId === parentSpanId)
    }
    expect(path).toEqual([
      'chat.send',
      'invoke_agent default',
      'execute_tool exec',
      'sandbox_exec',
      'process',
    ])
    expect(spans.find(({ name }) => name === 'chat.send')?.parentSpanId).toBe(CALLER)
  })

  it('holds no credential, whatever of it one stood in', async () => {
    const all = texts()
    const traces: string[] = []
    for (let from = 0; from < all.length; from += BATCH) {
      const batch = all.slice(from, from + BATCH)
      const trace = `5ec0de${String(from).padStart(26, '0')}`
      const lines = batch.flatMap(({ input, secret }, index) => {
        const line = input.replaceAll(/\s+/g, ' ')
        return [
          line,
          `write: ${index}.txt: ${line}`,
          `tool: ${nameOf(secret)} ${JSON.stringify({ [secret]: input })}`,
        ]
      })
      const message = ['run: echo ok', ...lines].join('\n')
      await client.request('chat.send', {
        sessionKey: `agent:default:ws:direct:secrets-${from}`,
        message,
        traceparent: `00-${trace}-${CALLER}-01`,
      })
      traces.push(trace)
    }
    await until(
      'all of them are sent',
      () => traces.every((trace) => ofTrace(trace).length > 0),
      SENT_MS,
    )
    for (const trace of traces) {
      const spans = ofTrace(trace)
      expect(orphansOf(spans, CALLER)).toEqual([])
      const names = spans.map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(['process', 'execute_tool write_file']))
    }
    const sent = `${receiver.bodies.join('\n')}\n${JSON.stringify(receiver.spans)}`
    const leaked = all.filter(
      ({ secret }) => sent.includes(secret) || sent.includes(JSON.stringify(secret).slice(1, -1)),
    )
    expect(leaked.length).toBe(0)
    expect(receiver.spans.every(({ spanId }) => spanId !== NOT_SET)).toBe(true)
  })
})
