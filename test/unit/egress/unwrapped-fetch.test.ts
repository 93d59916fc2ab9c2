import { describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../src/egress/guarded-fetch.ts'

/** For a caller that counts and times the answer itself. */
function open(answer: () => Response) {
  const sent: string[] = []
  const fetch = createGuardedFetch({
    fetch: async (input) => {
      sent.push(String(input))
      return answer()
    },
    maxBytes: null,
    maxRedirects: 0,
    timeoutMs: 1_000,
  })
  return { fetch, sent }
}

describe('a guarded fetch whose answer is handed on as it is', () => {
  it('sends to a public address and hands on the very answer', async () => {
    const response = new Response('hi')
    const { fetch } = open(() => response)
    expect(await fetch('https://model.example/v1')).toBe(response)
  })

  it('rejects a private address before anything is sent', async () => {
    const { fetch, sent } = open(() => new Response('hi'))
    await expect(fetch('http://127.0.0.1:8080/v1')).rejects.toThrow()
    await expect(fetch('http://169.254.169.254/latest')).rejects.toThrow()
    expect(sent).toEqual([])
  })

  it('rejects a redirect, wherever it leads', async () => {
    const headers = { location: 'http://127.0.0.1/' }
    const { fetch, sent } = open(() => new Response(null, { status: 302, headers }))
    await expect(fetch('https://model.example/v1')).rejects.toThrow()
    expect(sent).toHaveLength(1)
  })
})
