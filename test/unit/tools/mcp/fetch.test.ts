import { describe, expect, it } from 'vitest'
import { createMcpFetch } from '../../../../src/tools/mcp/fetch.ts'

const DEEP = '['.repeat(2_000) + ']'.repeat(2_000)
const FLAT = '{"a":[1,2,"[[[["]}'

async function read(body: string, type = 'text/event-stream'): Promise<string> {
  const headers = { 'content-type': type }
  const { fetch } = createMcpFetch({
    way: { canStream: true, fetch: async () => new Response(body, { headers }) },
    url: new URL('https://mcp.example/'),
    headers: {},
    requestMs: 5_000,
    isListening: false,
    closed: new AbortController().signal,
  })
  const response = await fetch('https://mcp.example/', { method: 'POST', body: '{}' })
  return response.text()
}

describe('the answer of an MCP server', () => {
  it.each([
    ['as one event', `data: ${DEEP}\n\n`],
    ['behind a comment that closes more than it opens', `:${']'.repeat(3_000)}\ndata: ${DEEP}\n\n`],
    ['behind a comment with a quote', `:"\rdata: ${DEEP}\r\r`],
    ['behind another field', `id: ${']'.repeat(3_000)}\ndata: ${DEEP}\n\n`],
    ['over the lines of one event', `data: ${'[\r\ndata: '.repeat(2_000)}\r\n\r\n`],
    ['between events of another field', `data: ${'[\nid: ]\ndata: '.repeat(2_000)}\n\n`],
  ])('is refused when it nests too deep: %s', async (_, body) => {
    await expect(read(body)).rejects.toThrow()
  })

  it('is refused as JSON, too, whatever is closed before it', async () => {
    await expect(read(`${']'.repeat(3_000)}${DEEP}`, 'application/json')).rejects.toThrow()
  })

  it('passes as it came otherwise', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const event = `event: message${end}data: ${FLAT}${end}${end}`
      expect(await read(event.repeat(500))).toBe(event.repeat(500))
    }
    expect(await read(FLAT, 'application/json')).toBe(FLAT)
  })
})
