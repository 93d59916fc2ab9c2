/**
 * An OpenAI-shaped vendor whose every answer waits for the test: what is said, and when. So a test
 * can act in the very middle of a model call, without guessing how long one takes.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answering } from './answering.ts'
import { openaiWire } from './openai-wire.ts'
import type { Answer } from './script.ts'

export interface AskedMessage {
  readonly role: string
  readonly content: unknown
}

/** A call that waits for its answer. */
export interface HeldCall {
  readonly messages: readonly AskedMessage[]
  /** Some words of an answer that goes on. */
  readonly say: (text: string) => void
  /** A whole answer, or the rest of one that was begun. */
  readonly answer: (answer: Answer) => void
  /** The caller hung up before the answer was complete. */
  readonly abandoned: Promise<void>
}

export interface GatedVendor {
  readonly url: string
  /** Calls so far. */
  readonly count: () => number
  /** The next call that no one took yet. */
  readonly next: () => Promise<HeldCall>
  readonly close: () => Promise<void>
}

function hold(messages: readonly AskedMessage[], response: ServerResponse): HeldCall {
  let hasBegun = false
  const begin = (): void => {
    if (hasBegun) return
    hasBegun = true
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(openaiWire.begin())
  }
  return {
    messages,
    say(text) {
      begin()
      response.write(openaiWire.text(text))
    },
    answer(answer) {
      begin()
      response.end(openaiWire.answer(answer).join(''))
    },
    abandoned: new Promise((resolve) => {
      response.on('close', () => {
        if (!response.writableEnded) resolve()
      })
    }),
  }
}

export async function startGatedOpenai(): Promise<GatedVendor> {
  const held: HeldCall[] = []
  const waiting: ((call: HeldCall) => void)[] = []
  let count = 0
  const server = createServer(
    answering(async (incoming, response) => {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(Buffer.from(part))
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as { messages: AskedMessage[] }
      const call = hold(body.messages, response)
      count++
      const taker = waiting.shift()
      if (taker) taker(call)
      else held.push(call)
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    count: () => count,
    next() {
      const call = held.shift()
      return call ? Promise.resolve(call) : new Promise((resolve) => waiting.push(resolve))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
