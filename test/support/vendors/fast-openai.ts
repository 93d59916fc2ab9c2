/**
 * An OpenAI-shaped vendor for measuring: one fixed answer, made before the first request, streamed or
 * whole as the request asks. Does as little as a server can, so that what is measured is the gateway.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openaiWire } from './openai-wire.ts'

export interface FastVendor {
  readonly url: string
  readonly served: () => number
  close(): Promise<void>
}

export async function startFastOpenai({
  text = 'Hello from the bench.',
  port = 0,
} = {}): Promise<FastVendor> {
  const streamed = Buffer.from(openaiWire.answer({ text }).join(''))
  const whole = Buffer.from(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'local',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }),
  )
  let served = 0
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      served++
      const isStream = /"stream"\s*:\s*true/.test(Buffer.concat(parts).toString('latin1'))
      const body = isStream ? streamed : whole
      response.writeHead(200, {
        'content-type': isStream ? 'text/event-stream' : 'application/json',
        'content-length': body.byteLength,
      })
      response.end(body)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    served: () => served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
