/**
 * A model vendor on loopback that speaks the real wire and does what its script says, also the bad
 * things: stall, cut, garbage, refusals. Records every request it got.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answering } from './answering.ts'
import { anthropicWire } from './anthropic-wire.ts'
import { googleWire } from './google-wire.ts'
import { openaiWire } from './openai-wire.ts'
import type { Behaviour, Script, VendorRequest } from './script.ts'
import type { Wire } from './wire.ts'

export type VendorKind = 'openai' | 'anthropic' | 'google'

const WIRES: Readonly<Record<VendorKind, Wire>> = {
  openai: openaiWire,
  anthropic: anthropicWire,
  google: googleWire,
}

export interface Vendor {
  /** The base URL for a provider row, without trailing slash. */
  readonly url: string
  readonly origin: string
  readonly requests: readonly VendorRequest[]
  /** Connections the client gave up before the answer was complete. */
  readonly abandoned: () => number
  close(): Promise<void>
}

async function readRequest(incoming: IncomingMessage): Promise<VendorRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(Buffer.from(part))
  const text = Buffer.concat(parts).toString('utf8')
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: text === '' ? null : JSON.parse(text),
  }
}

const beginStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.flushHeaders()
}

const GARBAGE = {
  html: ['text/html', '<!doctype html><title>Please log in</title>'],
  bad_json: ['text/event-stream', 'data: {"id": not json\n\n'],
  foreign_json: [
    'text/event-stream',
    'data: {"weather":"fine","choices":"none","candidates":7}\n\n',
  ],
  empty: ['text/event-stream', ''],
} as const

async function behave(behaviour: Behaviour, wire: Wire, response: ServerResponse): Promise<void> {
  switch (behaviour.type) {
    case 'answer':
      beginStream(response)
      for (const frame of wire.answer(behaviour)) {
        if (behaviour.delayMs !== undefined) await delay(behaviour.delayMs)
        response.write(frame)
      }
      response.end()
      return
    case 'stall':
      if (behaviour.after === 'nothing') return
      beginStream(response)
      if (behaviour.after === 'text') response.write(`${wire.begin()}${wire.text('so ')}`)
      return
    case 'cut': {
      beginStream(response)
      const frames = wire.begin() + (behaviour.text === undefined ? '' : wire.text(behaviour.text))
      // The flush is awaited, so that the text arrives before the connection breaks.
      await new Promise<void>((resolve) => response.write(frames, () => resolve()))
      if (behaviour.how === 'end') response.end()
      else response.destroy()
      return
    }
    case 'garbage': {
      const [contentType, body] = GARBAGE[behaviour.what]
      response.writeHead(200, { 'content-type': contentType }).end(body)
      return
    }
    case 'error_event': {
      beginStream(response)
      const { text, code, message } = behaviour
      const said = text === undefined ? '' : wire.begin() + wire.text(text)
      response.end(said + wire.errorEvent(code, message))
      return
    }
    case 'status': {
      const { status, code = 'error', message = 'something is wrong' } = behaviour
      const body = behaviour.body ?? wire.errorBody(status, code, message)
      response.writeHead(status, { 'content-type': 'application/json', ...behaviour.headers })
      response.end(body)
      return
    }
    case 'redirect':
      response.writeHead(307, { location: behaviour.location }).end()
  }
}

export interface VendorOptions {
  readonly kind: VendorKind
  readonly script: Script
}

export async function startVendor({ kind, script }: VendorOptions): Promise<Vendor> {
  const wire = WIRES[kind]
  const requests: VendorRequest[] = []
  let abandoned = 0
  const server = createServer(
    answering(async (incoming, response) => {
      response.on('close', () => {
        if (!response.writableEnded) abandoned++
      })
      const request = await readRequest(incoming)
      const index = requests.push(request) - 1
      const behaviour =
        typeof script === 'function'
          ? script(request, index)
          : script[Math.min(index, script.length - 1)]
      if (behaviour === undefined) throw new Error('the vendor has no script')
      await behave(behaviour, wire, response)
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    url: `${origin}${wire.basePath}`,
    origin,
    requests,
    abandoned: () => abandoned,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
