import { describe, expect, it } from 'vitest'
import {
  checkContentLength,
  checkHeaders,
  checkJsonDepth,
  checkMessageSize,
  checkUrl,
  MAX_HEADERS_BYTES,
  MAX_JSON_DEPTH,
  MAX_SOCKET_MESSAGE_BYTES,
  MAX_URL_BYTES,
  parseJson,
  parseJsonText,
  readBodyWithin,
} from '../../../src/transport/size.ts'

/** Hands out chunks one at a time and remembers how many were asked for. */
function source(chunks: Iterable<Uint8Array>) {
  const iterator = chunks[Symbol.iterator]()
  const seen = { pulled: 0, isCancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = iterator.next()
        if (next.done === true) controller.close()
        else {
          seen.pulled++
          controller.enqueue(next.value)
        }
      },
      cancel() {
        seen.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, seen }
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(1_000)
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('readBodyWithin', () => {
  it('reads a body of exactly the limit', async () => {
    const { stream } = source([bytes('12345'), bytes('67890')])
    const body = await readBodyWithin(stream, 10)
    expect(body.ok && new TextDecoder().decode(body.value)).toBe('1234567890')
  })

  it('rejects one byte more', async () => {
    const { stream } = source([bytes('12345'), bytes('678901')])
    expect(await readBodyWithin(stream, 10)).toEqual({
      ok: false,
      error: { kind: 'body_too_large', maxBytes: 10 },
    })
  })

  it('stops reading an endless body at the limit and cancels it', async () => {
    const { stream, seen } = source(endless())
    expect((await readBodyWithin(stream, 10_000)).ok).toBe(false)
    expect(seen.pulled).toBe(11)
    expect(seen.isCancelled).toBe(true)
  })

  it('reads no body as empty', async () => {
    expect(await readBodyWithin(null, 10)).toEqual({ ok: true, value: new Uint8Array(0) })
    expect(await readBodyWithin(source([]).stream, 10)).toEqual({
      ok: true,
      value: new Uint8Array(0),
    })
  })

  it('fails when the sender breaks off', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('connection lost')),
    })
    await expect(readBodyWithin(stream, 10)).rejects.toThrow('connection lost')
  })
})

describe('checkContentLength', () => {
  it('rejects a declared length beyond the limit before anything is read', () => {
    expect(checkContentLength('1000001', 1_000_000).ok).toBe(false)
    expect(checkContentLength('9'.repeat(400), 1_000_000).ok).toBe(false)
  })

  it('allows a declared length within it, and none, and nonsense, which the reader meets', () => {
    for (const header of ['1000000', '0', null, '-5', 'many', '1e99']) {
      expect(checkContentLength(header, 1_000_000).ok, String(header)).toBe(true)
    }
  })
})

describe('parseJson', () => {
  it('parses any JSON value', () => {
    expect(parseJson(bytes('{"a":[1,"ü"]}'))).toEqual({ ok: true, value: { a: [1, 'ü'] } })
  })

  it('rejects what is no JSON or no UTF-8', () => {
    const broken = [
      '',
      '{',
      '{"a":}',
      "{'a':1}",
      '[1,]',
      'NaN',
      '\uFEFF{}',
      '{"a":1}{"b":2}',
      '"\\ud800',
    ]
    for (const text of broken) {
      expect(parseJson(bytes(text)), text).toEqual({ ok: false, error: { kind: 'json_malformed' } })
    }
    expect(parseJson(new Uint8Array([0x22, 0xff, 0x22])).ok).toBe(false)
    expect(parseJson(new Uint8Array([0x22, 0xc0, 0x80, 0x22])).ok).toBe(false)
  })

  it('leaves the prototype of all objects alone', () => {
    parseJsonText('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  })
})

describe('checkJsonDepth', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

  it('allows the greatest depth and rejects one more', () => {
    expect(checkJsonDepth(nested(MAX_JSON_DEPTH)).ok).toBe(true)
    expect(checkJsonDepth(nested(MAX_JSON_DEPTH + 1)).ok).toBe(false)
    expect(checkJsonDepth('{"a":'.repeat(MAX_JSON_DEPTH + 1)).ok).toBe(false)
  })

  it('counts no bracket inside a string', () => {
    expect(checkJsonDepth(JSON.stringify('['.repeat(10_000))).ok).toBe(true)
    expect(checkJsonDepth(`["\\"${'['.repeat(10_000)}", 1]`).ok).toBe(true)
    expect(checkJsonDepth(`["\\\\",${'['.repeat(10_000)}`).ok).toBe(false)
  })

  it('allows many values side by side', () => {
    expect(checkJsonDepth(`[${'[],'.repeat(100_000)}[]]`).ok).toBe(true)
  })

  it('bears text that ends within a string or an escape', () => {
    expect(checkJsonDepth('["abc').ok).toBe(true)
    expect(checkJsonDepth('["abc\\').ok).toBe(true)
  })

  it('takes bounded time for a megabyte of brackets', () => {
    const started = performance.now()
    expect(parseJsonText('['.repeat(1_000_000)).ok).toBe(false)
    expect(parseJsonText(`"${'\\'.repeat(1_000_000)}`).ok).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('checkMessageSize', () => {
  const max = MAX_SOCKET_MESSAGE_BYTES

  it('counts bytes, not characters', () => {
    expect(checkMessageSize('a'.repeat(max), max).ok).toBe(true)
    expect(checkMessageSize('a'.repeat(max + 1), max).ok).toBe(false)
    expect(checkMessageSize('ü'.repeat(max / 2), max).ok).toBe(true)
    expect(checkMessageSize('ü'.repeat(max / 2 + 1), max).ok).toBe(false)
    expect(checkMessageSize('😀'.repeat(max / 4), max).ok).toBe(true)
    expect(checkMessageSize('😀'.repeat(max / 4 + 1), max).ok).toBe(false)
  })

  it('counts binary messages too', () => {
    expect(checkMessageSize(new ArrayBuffer(max), max).ok).toBe(true)
    expect(checkMessageSize(new ArrayBuffer(max + 1), max).ok).toBe(false)
  })
})

describe('URL and header caps', () => {
  it('allow the greatest size and reject one byte more', () => {
    expect(checkUrl('u'.repeat(MAX_URL_BYTES)).ok).toBe(true)
    expect(checkUrl('u'.repeat(MAX_URL_BYTES + 1)).ok).toBe(false)
    expect(checkHeaders([['x', 'v'.repeat(MAX_HEADERS_BYTES - 1)]]).ok).toBe(true)
    expect(checkHeaders([['x', 'v'.repeat(MAX_HEADERS_BYTES)]]).ok).toBe(false)
  })

  it('count many small headers together', () => {
    const many = Array.from({ length: 10_000 }, (_, i): [string, string] => [`x-${i}`, 'v'])
    expect(checkHeaders(many).ok).toBe(false)
  })
})
