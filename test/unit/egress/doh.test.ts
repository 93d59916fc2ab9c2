import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/domain/model.ts'
import { createDohResolve } from '../../../src/egress/doh.ts'
import { EgressError } from '../../../src/egress/refusal.ts'

interface Asked {
  readonly url: URL
  readonly accept: string | null
  readonly redirect: string | undefined
}

type Records = Readonly<Record<string, unknown>>

/** Answers by record type; what is a Response goes out as it is. */
function server(answers: { readonly A: unknown; readonly AAAA: unknown }) {
  const asked: Asked[] = []
  const fetch: Fetch = async (input, init) => {
    const url = new URL(String(input))
    const accept = new Headers(init?.headers).get('accept')
    asked.push({ url, accept, redirect: init?.redirect })
    const answer = answers[url.searchParams.get('type') as 'A' | 'AAAA']
    if (answer instanceof Error) throw answer
    return answer instanceof Response ? answer : Response.json(answer)
  }
  return { asked, resolve: createDohResolve({ fetch, timeoutMs: 500 }) }
}

const found = (...records: readonly (readonly [type: number, data: string])[]): Records => ({
  Status: 0,
  TC: false,
  RD: true,
  RA: true,
  Question: [{ name: 'a.example', type: 1 }],
  Answer: records.map(([type, data]) => ({ name: 'a.example', type, TTL: 60, data })),
})
const NOTHING: Records = { Status: 0, Question: [], Authority: [] }
const NO_SUCH_NAME: Records = { Status: 3 }

const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    return JSON.stringify(await work)
  } catch (error) {
    return error instanceof EgressError ? error.refusal.kind : String(error)
  }
}

describe('looking a name up over HTTPS', () => {
  it('answers the addresses of both families and no aliases', async () => {
    const { asked, resolve } = server({
      A: found([5, 'b.example.'], [1, '93.184.216.34'], [1, '93.184.216.35']),
      AAAA: found([28, '2606:2800:220:1::1']),
    })
    expect(await resolve('a.example')).toEqual([
      '93.184.216.34',
      '93.184.216.35',
      '2606:2800:220:1::1',
    ])
    expect(asked.map(({ url }) => url.href)).toEqual([
      'https://cloudflare-dns.com/dns-query?name=a.example&type=A',
      'https://cloudflare-dns.com/dns-query?name=a.example&type=AAAA',
    ])
    expect(asked[0]).toMatchObject({ accept: 'application/dns-json', redirect: 'manual' })
  })

  it('answers nothing for a name that has no address, or does not exist', async () => {
    expect(await server({ A: NOTHING, AAAA: NOTHING }).resolve('a.example')).toEqual([])
    expect(await server({ A: NO_SUCH_NAME, AAAA: NO_SUCH_NAME }).resolve('a.example')).toEqual([])
  })

  it.each([
    ['does not answer', new Error('network')],
    ['answers an error', new Response('{"Status":0}', { status: 500 })],
    ['redirects', new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/' } })],
    ['fails by its own word', { Status: 2 }],
    ['answers no JSON', new Response('<html>')],
    ['answers other JSON', { Status: 'fine', Answer: 7 }],
    ['answers too much', { Status: 0, Comment: 'x'.repeat(100_000) }],
  ])('is refused when the server %s for one family', async (_, answer) => {
    const both = found([1, '93.184.216.34'])
    expect(await refusalOf(server({ A: both, AAAA: answer }).resolve('a.example'))).toBe(
      'unresolvable',
    )
  })

  it('is refused when the server is silent', async () => {
    const silent: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    const resolve = createDohResolve({ fetch: silent, timeoutMs: 20 })
    expect(await refusalOf(resolve('a.example'))).toBe('unresolvable')
  })
})
