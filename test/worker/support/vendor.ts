/**
 * A model vendor behind the platform's `fetch`: it says its first word, then holds the answer until
 * it is let go, so that a run stays in progress for as long as a test needs it to.
 */
import { vi } from 'vitest'
import type { TestSocket } from './socket.ts'

const VENDOR = 'https://vendor.example/v1'

export const chunk = (delta: unknown, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'slow',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`

/** Asks again for as long as nobody has let it go: a plain wait would look like a deadlock. */
const LOOK_AGAIN_MS = 5

export class HeldVendor {
  #held = true
  /** What the gateway sent, one body a request. */
  readonly requests: string[] = []

  constructor() {
    vi.stubGlobal('fetch', async (_: unknown, init?: RequestInit): Promise<Response> => {
      this.requests.push(String(init?.body))
      return new Response(this.#answer(), { headers: { 'content-type': 'text/event-stream' } })
    })
  }

  #answer(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let isBegun = false
    return new ReadableStream({
      pull: async (controller) => {
        if (!isBegun) {
          isBegun = true
          controller.enqueue(encoder.encode(chunk({ role: 'assistant', content: 'So ' })))
          return
        }
        while (this.#held) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
        controller.enqueue(encoder.encode(chunk({ content: 'be it.' })))
        controller.enqueue(encoder.encode(`${chunk({}, 'stop')}data: [DONE]\n\n`))
        controller.close()
      },
    })
  }

  hold(): void {
    this.#held = true
  }

  letGo(): void {
    this.#held = false
  }
}

/** Gives a tenant the agent `slow`, which speaks through the held vendor. */
export async function addSlowAgent(owner: TestSocket): Promise<void> {
  await owner.ask('providers.create', {
    name: 'held',
    provider_type: 'openai_compat',
    api_base: VENDOR,
    api_key: 'key-of-the-held-vendor',
  })
  await owner.ask('agents.create', { agent_key: 'slow', provider: 'held', model: 'slow' })
}
