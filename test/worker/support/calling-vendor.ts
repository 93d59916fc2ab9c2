/**
 * A model vendor behind the platform's `fetch` that begins to speak, is held, and then makes one tool
 * call; whatever the call comes to it takes for the end. Conversations go by what was said first in
 * them: each is let go by itself, and what its call was answered is noted.
 */
import { vi } from 'vitest'
import { chunk as textChunk } from './vendor.ts'

const encoder = new TextEncoder()
const chunk = (delta: unknown, finish: string | null = null): Uint8Array =>
  encoder.encode(textChunk(delta, finish))
const DONE = encoder.encode('data: [DONE]\n\n')

/**
 * Asks again for as long as nobody has let it go: a plain wait would look like a deadlock. Hundreds
 * ask at once: more often would be all that the machine does.
 */
const LOOK_AGAIN_MS = 200

interface Message {
  readonly role: string
  readonly content: unknown
}

export class CallingVendor {
  readonly #letGo = new Set<string>()
  /** By conversation, what its tool call was answered. */
  readonly results = new Map<string, string>()

  constructor(command: string) {
    const call = { name: 'exec', arguments: JSON.stringify({ command }) }
    vi.stubGlobal('fetch', async (_: unknown, init?: RequestInit): Promise<Response> => {
      const { messages } = JSON.parse(String(init?.body)) as { messages: readonly Message[] }
      const last = messages.at(-1)
      const said = textOf(messages.find(({ role }) => role === 'user')?.content)
      const isAnswered = last?.role === 'tool'
      if (isAnswered) this.results.set(said, textOf(last.content))
      const body = isAnswered ? ended() : this.#calling(said, call)
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
  }

  #calling(said: string, call: object): ReadableStream<Uint8Array> {
    let isBegun = false
    return new ReadableStream({
      pull: async (controller) => {
        if (!isBegun) {
          isBegun = true
          controller.enqueue(chunk({ role: 'assistant', content: 'I will. ' }))
          return
        }
        while (!this.#letGo.has(said)) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
        }
        const calls = [{ index: 0, id: 'call_1', type: 'function', function: call }]
        controller.enqueue(chunk({ tool_calls: calls }))
        controller.enqueue(chunk({}, 'tool_calls'))
        controller.enqueue(DONE)
        controller.close()
      },
    })
  }

  letGo(said: string): void {
    this.#letGo.add(said)
  }
}

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content)

const ended = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(chunk({ role: 'assistant', content: 'So be it.' }))
      controller.enqueue(chunk({}, 'stop'))
      controller.enqueue(DONE)
      controller.close()
    },
  })
