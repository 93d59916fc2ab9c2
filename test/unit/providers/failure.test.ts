import { describe, expect, test } from 'vitest'
import { EgressError, TIMED_OUT, TOO_LARGE } from '../../../src/egress/refusal.ts'
import { urlRefusal } from '../../../src/egress/url.ts'
import { failureFromError, failureFromEvent } from '../../../src/providers/failure.ts'
import { parseRetryAfter } from '../../../src/providers/retry-after.ts'
import { vendorText } from '../../../src/providers/vendor-text.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)
const context = { apiKey: 'my-secret-key-42', now: () => NOW }

describe('parseRetryAfter', () => {
  const parse = (headers: Record<string, string>) => parseRetryAfter(headers, () => NOW)

  test('reads seconds, milliseconds and dates', () => {
    expect(parse({ 'retry-after': '3' })).toBe(3_000)
    expect(parse({ 'retry-after': '0' })).toBe(0)
    expect(parse({ 'retry-after': '1.5' })).toBe(1_500)
    expect(parse({ 'retry-after-ms': '250', 'retry-after': '9' })).toBe(250)
    expect(parse({ 'retry-after': 'Thu, 01 Jan 2026 12:00:20 GMT' })).toBe(20_000)
  })

  test('takes a date in the past for now', () => {
    expect(parse({ 'retry-after': 'Thu, 01 Jan 2026 11:00:00 GMT' })).toBe(0)
  })

  test.each(['', 'soon', '-5', 'NaN', '1e12', 'Infinity'])('ignores %j', (text) => {
    expect(parse({ 'retry-after': text })).toBeUndefined()
  })

  test('knows nothing without headers', () => {
    expect(parseRetryAfter(undefined, () => NOW)).toBeUndefined()
  })
})

describe('vendorText', () => {
  test('keeps the words of an ordinary error', () => {
    const text = 'The model `gpt-9` does not exist or you do not have access to it. (code: 404)'
    expect(vendorText(text, context.apiKey)).toBe(text)
  })

  test.each([
    'your key my-secret-key-42 is wrong',
    'your key my-sec****42 is wrong',
    'your key my-secret... is wrong',
    'Authorization was Bearer my-secret-key-42',
  ])('takes the key out of %j', (text) => {
    expect(vendorText(text, context.apiKey)).not.toMatch(/my-sec|ret-key/)
  })

  test('takes keys out that are not the one in use', () => {
    expect(vendorText('use sk-proj-abcdefghijkl instead', null)).toBe('use [REDACTED] instead')
  })

  test('takes credentials and query out of URLs', () => {
    expect(vendorText('at https://u:p@api.example/v1?key=abc now', null)).toBe(
      'at https://api.example/v1 now',
    )
  })

  test('makes one line of many and cuts a long one', () => {
    expect(vendorText('a\r\nb\u0000c', null)).toBe('a b c')
    expect(vendorText('word '.repeat(100_000), null).length).toBeLessThan(310)
  })

  test('is done with a hostile message in no time', () => {
    const begin = performance.now()
    vendorText('*a'.repeat(500_000), context.apiKey)
    vendorText('x'.repeat(1_000_000), context.apiKey)
    expect(performance.now() - begin).toBeLessThan(200)
  })
})

describe('failureFromError', () => {
  test('tells a refused address from one that cannot be reached', () => {
    const refused = new EgressError(urlRefusal('private_address'))
    expect(failureFromError(refused, false, context)).toMatchObject({
      kind: 'invalid_request',
      isRetryable: false,
    })
    expect(failureFromError(new TypeError('fetch failed'), false, context)).toMatchObject({
      kind: 'network',
      isRetryable: true,
    })
  })

  test('finds the guarded fetch behind errors that wrap it', () => {
    const wrap = (cause: unknown) => new Error('outer', { cause: new Error('inner', { cause }) })
    expect(failureFromError(wrap(new EgressError(TIMED_OUT)), true, context).kind).toBe('timeout')
    expect(failureFromError(wrap(new EgressError(TOO_LARGE)), true, context).kind).toBe('garbage')
  })

  test('survives causes that go round in a circle', () => {
    const error = new Error('a')
    error.cause = error
    expect(failureFromError(error, true, context).kind).toBe('cut')
  })

  test.each([null, undefined, 'boom', 42, {}])('makes something of a thrown %j', (thrown) => {
    expect(failureFromError(thrown, false, context).kind).toBe('network')
  })

  test('shows nothing of an unknown error', () => {
    const failure = failureFromError(new Error('at /srv/secret/path.ts:1'), false, context)
    expect(failure.message).not.toContain('secret')
  })
})

describe('failureFromEvent', () => {
  test.each([
    [{ type: 'overloaded_error', message: 'x' }, 'overloaded'],
    [{ type: 'rate_limit_error', message: 'x' }, 'rate_limited'],
    [{ type: 'authentication_error', message: 'x' }, 'unauthorized'],
    [{ type: 'invalid_request_error', message: 'x' }, 'invalid_request'],
    [{ type: 'not_found_error', message: 'x' }, 'not_found'],
    [{ code: 503, status: 'UNAVAILABLE', message: 'x' }, 'overloaded'],
    [{ code: 429, message: 'x' }, 'rate_limited'],
    [{ message: 'whatever' }, 'garbage'],
    ['just text', 'garbage'],
    [null, 'garbage'],
  ])('takes %j for %s', (event, kind) => {
    expect(failureFromEvent(event, context).kind).toBe(kind)
  })

  test('waits for no spent quota', () => {
    const failure = failureFromEvent({ code: 'insufficient_quota', message: 'x' }, context)
    expect(failure).toMatchObject({ kind: 'rate_limited', isRetryable: false })
  })
})
