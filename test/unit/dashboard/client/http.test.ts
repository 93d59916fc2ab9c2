import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { filePath, send, signedLink } from '../../../../src/dashboard/client/http.ts'
import { Elsewhere, Refused } from '../../../../src/dashboard/client/refusal.ts'
import { beginVisit } from '../../../../src/dashboard/client/visit.ts'

describe('the path of a file', () => {
  it('encodes each name by itself, and says whose it is where that is said', () => {
    expect(filePath('a b/?x=1#/é', 'main')).toBe('/v1/files/a%20b/%3Fx%3D1%23/%C3%A9?agentId=main')
    expect(filePath('a', 'main', 'anna&b')).toBe('/v1/files/a?agentId=main&user=anna%26b')
  })

  it('leads out of the files of no workspace', () => {
    for (const path of ['../agents/main', 'a/../../agents', '..', './a', 'a/.'])
      expect(() => filePath(path, 'main')).toThrow('There is no such file.')
    // As a name, not as what it stands for: it is encoded once more.
    expect(filePath('%2e%2e/a', 'main')).toBe('/v1/files/%252e%252e/a?agentId=main')
    expect(filePath('..a/b..', 'main')).toBe('/v1/files/..a/b..?agentId=main')
  })
})

describe('what is sent', () => {
  const kept = new Map([['edgeclaw.token', 'ect_secret']])
  const answers = vi.fn<typeof fetch>()
  beforeEach(() => {
    answers.mockReset()
    vi.stubGlobal('fetch', answers)
    vi.stubGlobal('sessionStorage', { getItem: (name: string) => kept.get(name) ?? null })
    vi.stubGlobal('document', { querySelector: () => null })
    vi.stubGlobal('location', { origin: 'https://gateway.example' })
  })
  afterEach(() => vi.unstubAllGlobals())

  it('carries the credential in a header of its own, whatever others say', async () => {
    answers.mockResolvedValue(new Response('x'))
    await send('/v1/files/a', { headers: { authorization: 'Bearer other', range: 'bytes=0-1' } })
    expect(answers).toHaveBeenCalledWith('https://gateway.example/v1/files/a', {
      headers: { authorization: 'Bearer ect_secret', range: 'bytes=0-1' },
      signal: expect.any(AbortSignal),
    })
  })

  it('is refused with the gateway’s reason, or with its status', async () => {
    const error = { code: 'UNAUTHORIZED', message: 'not yours' }
    answers.mockResolvedValueOnce(Response.json({ error }, { status: 403 }))
    await expect(send('/v1/files/a')).rejects.toEqual(new Refused(error))
    answers.mockResolvedValueOnce(new Response('<html>', { status: 502 }))
    await expect(send('/v1/files/a')).rejects.toThrow('The gateway answered 502.')
  })

  it('takes a status for an answer only where it is said to be one', async () => {
    answers.mockImplementation(() => Promise.resolve(new Response(null, { status: 416 })))
    expect((await send('/v1/files/a', {}, 416)).status).toBe(416)
    await expect(send('/v1/files/a')).rejects.toBeInstanceOf(Refused)
  })

  it('is answered by a link to a file that there is, and to nothing else', async () => {
    const link = (url: string) => () => Promise.resolve(Response.json({ url }))
    answers
      .mockResolvedValueOnce(new Response('x'))
      .mockImplementationOnce(link('/v1/files/a?ft=1'))
    expect(await signedLink('a', 'main', 'anna')).toBe('https://gateway.example/v1/files/a?ft=1')
    expect(answers.mock.calls.map(([path, init]) => [path, init?.method, init?.body])).toEqual([
      ['https://gateway.example/v1/files/a?agentId=main&user=anna', undefined, undefined],
      [
        'https://gateway.example/v1/files/sign',
        'POST',
        JSON.stringify({ path: 'a', agentId: 'main', user: 'anna' }),
      ],
    ])
    // An empty file has no first byte.
    answers.mockResolvedValueOnce(new Response(null, { status: 416 }))
    answers.mockImplementationOnce(link('https://evil.example/v1/files/a'))
    await expect(signedLink('a', 'main')).rejects.toThrow('no link')
    answers.mockResolvedValueOnce(Response.json({ error: { code: 'NOT_FOUND' } }, { status: 404 }))
    await expect(signedLink('a', 'main')).rejects.toBeInstanceOf(Refused)
    expect(answers).toHaveBeenCalledTimes(5)
  })

  it('is sent again when it was refused for its pace alone, as long as that is no long wait', async () => {
    const error = { code: 'RESOURCE_EXHAUSTED', message: 'wait', retryable: true, retryAfterMs: 1 }
    const tooFast = (more = {}) => Response.json({ error: { ...error, ...more } }, { status: 429 })
    answers.mockResolvedValueOnce(tooFast()).mockResolvedValueOnce(new Response('x'))
    expect(await (await send('/v1/files/a', { method: 'PUT', body: 'x' })).text()).toBe('x')
    expect(answers).toHaveBeenCalledTimes(2)
    answers.mockResolvedValueOnce(tooFast({ retryAfterMs: 60_000 }))
    await expect(send('/v1/files/a')).rejects.toThrow('wait')
    answers.mockResolvedValueOnce(tooFast({ retryable: false }))
    await expect(send('/v1/files/a')).rejects.toThrow('wait')
    expect(answers).toHaveBeenCalledTimes(4)
  })

  it('is sent nowhere else when another tenant was opened while it waited', async () => {
    const error = { code: 'RESOURCE_EXHAUSTED', message: 'wait', retryable: true, retryAfterMs: 1 }
    answers.mockResolvedValue(Response.json({ error }, { status: 429 }))
    const sent = send('/v1/files/a', { method: 'DELETE' })
    beginVisit({ tenant_id: 'tnt_2', user_id: 'anna' })
    await expect(sent).rejects.toBeInstanceOf(Elsewhere)
    expect(answers).toHaveBeenCalledOnce()
    const signal = answers.mock.calls[0]?.[1]?.signal ?? null
    expect(signal?.aborted).toBe(true)
    // The next of several that belong together.
    await expect(send('/v1/files/b', { signal })).rejects.toBeInstanceOf(Elsewhere)
    expect(answers).toHaveBeenCalledOnce()
    beginVisit(null)
  })
})
