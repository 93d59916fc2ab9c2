import { describe, expect, it } from 'vitest'
import type { SearchHit, SearchPort } from '../../../../src/domain/ports/search.ts'
import type {
  WebAnswer,
  WebFailure,
  WebPort,
  WebRequest,
} from '../../../../src/domain/ports/web.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { webFetchTool } from '../../../../src/tools/builtin/web-fetch.ts'
import { webSearchTool } from '../../../../src/tools/builtin/web-search.ts'
import { describeRefusal, eventsOfRefusal } from '../../../../src/tools/refusal.ts'
import type { GuardContext, Tool } from '../../../../src/tools/tool.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool, type ToolCallSetup } from '../../../support/tool-context.ts'

const run = (tool: Tool, args: unknown, ways: Pick<ToolCallSetup, 'web' | 'search'> = {}) =>
  runTool(tool.name, args, createMemoryWorkspace(), ways)

function guard(url: string) {
  const bound = webFetchTool.bind({ url })
  if (!bound.ok) throw new Error(bound.error)
  return bound.value.guard({ access: 'none' } as GuardContext)
}

/** A port that answers, and what it was asked. */
function answering(answer: Partial<Omit<WebAnswer, 'body'>> & { body?: string }) {
  const asked: WebRequest[] = []
  const web: WebPort = {
    send: async (request) => {
      asked.push(request)
      return ok({
        url: request.url,
        status: 200,
        headers: [['content-type', 'text/html; charset=utf-8']],
        isTruncated: false,
        ...answer,
        body: new TextEncoder().encode(answer.body ?? ''),
      })
    },
  }
  return { web, asked }
}

const failing = (error: WebFailure): WebPort => ({ send: async () => err(error) })

describe('the guard of web_fetch', () => {
  it.each([
    ['http://127.0.0.1/', 'private_address', 'http'],
    ['http://2130706433/', 'private_address', 'http'],
    ['http://0x7f000001/', 'private_address', 'http'],
    ['http://0177.0.0.1/', 'private_address', 'http'],
    ['http://127.1/', 'private_address', 'http'],
    ['https://[::1]/', 'private_address', 'https'],
    ['http://[::ffff:7f00:1]/', 'private_address', 'http'],
    ['http://169.254.169.254/latest/meta-data/', 'private_address', 'http'],
    ['http://localhost/', 'private_name', 'http'],
    ['http://localhost./', 'private_name', 'http'],
    ['http://metadata.google.internal/', 'private_name', 'http'],
    ['http://１２７.０.０.１/', 'private_address', 'http'],
    ['https://user:pass@site.example/', 'credentials', 'https'],
    ['file:///etc/passwd', 'scheme', 'file'],
    ['gopher://site.example/', 'scheme', 'gopher'],
    ['evil-secret-host:x', 'scheme', 'other'],
    ['site.example', 'malformed', 'other'],
  ])('refuses %s, and the event names no host', (url, kind, scheme) => {
    const guarded = guard(url)
    expect(guarded.ok).toBe(false)
    if (guarded.ok) return
    expect(guarded.error).toMatchObject({ kind: 'url_denied', refusal: { kind } })
    expect(eventsOfRefusal('web_fetch', guarded.error)).toEqual([
      {
        name: 'ssrf_blocked',
        severity: 'warn',
        fields: { tool: 'web_fetch', refusal: kind, scheme },
      },
    ])
    expect(describeRefusal('web_fetch', guarded.error)).toMatch(/^The address was refused: .*\.$/)
  })

  it.each(['https://site.example/', 'http://site.example:8080/p?q#f', 'https://93.184.216.34/'])(
    'allows %s as reading',
    (url) => {
      expect(guard(url)).toEqual({
        ok: true,
        value: { isReadOnly: true, cwd: null, commands: null, standing: null },
      })
    },
  )

  it('stands before the port as well when the tool runs', async () => {
    const { web, asked } = answering({})
    const outcome = await run(webFetchTool, { url: 'http://127.0.0.1/' }, { web })
    expect(outcome).toMatchObject({ isError: true })
    expect(asked).toEqual([])
  })
})

describe('web_fetch', () => {
  it('answers head and text as data from the web', async () => {
    const { web, asked } = answering({
      url: 'https://user:pass@other.example/end',
      body: '<title>A title</title><p>Hello <b>you</b>',
    })
    expect(await run(webFetchTool, { url: ' https://site.example/p#part' }, { web })).toEqual({
      content:
        'URL: https://other.example/end\nStatus: 200\nType: text/html\nTitle: A title\n\nHello **you**',
      isError: false,
      untrusted: { kind: 'web' },
    })
    expect(asked).toMatchObject([
      { url: 'https://site.example/p', method: 'GET', timeoutMs: 30_000, maxRedirects: 3 },
    ])
    expect(Object.keys(asked[0]?.headers ?? {})).toEqual([
      'accept',
      'accept-language',
      'user-agent',
    ])
  })

  it('takes the format and the length that are asked for', async () => {
    const { web } = answering({ body: `<p>${'a'.repeat(500)}` })
    const args = { url: 'https://site.example/', format: 'raw', max_chars: 100 }
    const { content } = await run(webFetchTool, args, { web })
    expect(content).toContain(`<p>${'a'.repeat(97)}\n\n[The text is cut here`)
  })

  it('says when the answer was larger than allowed', async () => {
    const { web } = answering({ body: '<p>part', isTruncated: true })
    const { content } = await run(webFetchTool, { url: 'https://site.example/' }, { web })
    expect(content).toContain('part\n\n[The answer was larger than allowed')
  })

  it('shows an error page as an error, still as data', async () => {
    const { web } = answering({ status: 404, body: '<p>Not here' })
    expect(await run(webFetchTool, { url: 'https://site.example/' }, { web })).toMatchObject({
      isError: true,
      untrusted: { kind: 'web' },
    })
  })

  it('names what is no text', async () => {
    const { web } = answering({ headers: [['content-type', 'image/png']], body: 'PNG' })
    const outcome = await run(webFetchTool, { url: 'https://site.example/x' }, { web })
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.content).toContain('The address answers image/png, 3 bytes; it is no text')
  })

  it('expands no entity', async () => {
    const body = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    const { web } = answering({ headers: [['content-type', 'text/xml']], body })
    const { content, isError } = await run(webFetchTool, { url: 'https://site.example/x' }, { web })
    expect(isError).toBe(true)
    expect(content).toContain('it declares a document type or entities')
  })

  it('contacts nothing where no address can be checked', async () => {
    const { content, isError } = await run(webFetchTool, { url: 'https://site.example/' })
    expect(isError).toBe(true)
    expect(content).toMatch(/^web unavailable: /)
  })

  it.each([
    ['unavailable', 'web unavailable: because.'],
    ['refused', 'The address was refused: because.'],
    ['timeout', 'The address could not be fetched: because.'],
    ['failed', 'The address could not be fetched: because.'],
  ] as const)('tells that it is %s in words of the gateway, not as data', async (kind, content) => {
    const web = failing({ kind, message: 'because' })
    expect(await run(webFetchTool, { url: 'https://site.example/' }, { web })).toEqual({
      content,
      isError: true,
    })
  })

  it('is a reading tool that sends its arguments out', () => {
    for (const tool of [webFetchTool, webSearchTool]) {
      expect(tool).toMatchObject({
        group: 'web',
        isReadOnly: true,
        isParallelSafe: true,
        sendsOut: true,
        needs: 'nothing',
      })
    }
  })
})

describe('web_search', () => {
  const finding = (...hits: readonly SearchHit[]): SearchPort => ({ search: async () => ok(hits) })

  it('answers a numbered list as data from the web', async () => {
    const search = finding(
      {
        title: 'One [1](https://evil.example)',
        url: 'https://a.example/(x)',
        snippet: 'Some words',
      },
      { title: 'Two', url: 'https://b.example/', snippet: '' },
    )
    expect(await run(webSearchTool, { query: 'x' }, { search })).toEqual({
      content:
        '1. [One \\[1\\](https://evil.example)](https://a.example/%28x%29)\n   Some words\n2. [Two](https://b.example/)',
      isError: false,
      untrusted: { kind: 'web' },
    })
  })

  it('shows no more than was asked for', async () => {
    const hit = { title: 'x', url: 'https://a.example/', snippet: '' }
    const { content } = await run(
      webSearchTool,
      { query: 'x', count: 2 },
      { search: finding(hit, hit, hit) },
    )
    expect(content.split('\n')).toHaveLength(2)
  })

  it('says when nothing was found, when it failed and when nothing is set up', async () => {
    expect(await run(webSearchTool, { query: 'x' }, { search: finding() })).toEqual({
      content: 'Nothing was found.',
      isError: false,
    })
    const broken: SearchPort = {
      search: async () => err({ kind: 'failed', message: 'a: because' }),
    }
    expect(await run(webSearchTool, { query: 'x' }, { search: broken })).toEqual({
      content: 'The search failed: a: because.',
      isError: true,
    })
    expect(await run(webSearchTool, { query: 'x' })).toMatchObject({ isError: true })
  })

  it.each([{ query: ' ' }, { query: 'x'.repeat(401) }, { query: 'x', count: 21 }, {}])(
    'refuses %o',
    (args) => {
      expect(webSearchTool.bind(args).ok).toBe(false)
    },
  )
})
