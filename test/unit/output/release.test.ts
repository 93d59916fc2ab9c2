import { describe, expect, it } from 'vitest'
import { createRelease } from '../../../src/output/release.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { body, TOKENS } from './samples.ts'

const dictionary = createSecretDictionary()
dictionary.register('registered-one')
const release = createRelease({ scrubCredentials: true, dictionary })
const token = TOKENS['github'] ?? ''

describe('release', () => {
  it('scrubs a text and tells kinds and counts, never the secret', () => {
    const { text, events } = release.text(`a ${token} b registered-one c`)
    expect(text).toBe('a [REDACTED] b [REDACTED] c')
    expect(events).toEqual([
      {
        name: 'secret_redacted',
        severity: 'warn',
        fields: { count: 2, kind_github: 1, kind_registered: 1 },
      },
    ])
    expect(JSON.stringify(events)).not.toContain(token)
  })

  it('raises no event for text without secrets', () => {
    expect(release.text('nothing here')).toEqual({ text: 'nothing here', events: [] })
  })

  it('scrubs registered values even when scrubbing is off', () => {
    const off = createRelease({ scrubCredentials: false, dictionary })
    expect(off.text(`${token} registered-one`).text).toBe(`${token} [REDACTED]`)
    expect(off.value({ password: 'hunter2hunter2' }).value).toEqual({ password: 'hunter2hunter2' })
  })

  it('scrubs every string of JSON data, keys too, and leaves the rest', () => {
    const { value, events } = release.value({
      ok: true,
      n: 1.5,
      none: null,
      list: ['x', `see ${token}`, { deep: 'registered-one' }],
      [`k-${token}`]: 'v',
    })
    expect(value).toEqual({
      ok: true,
      n: 1.5,
      none: null,
      list: ['x', 'see [REDACTED]', { deep: '[REDACTED]' }],
      'k-[REDACTED]': 'v',
    })
    expect(events[0]?.fields['count']).toBe(3)
  })

  it('redacts a field that its own name calls a secret, and keeps one that says otherwise', () => {
    const { value } = release.value({
      password: 'hunter2hunter2',
      api_key: body(24),
      tokenCount: '120000',
      secretName: 'my-secret',
      password_hint: 'the usual',
    })
    expect(value).toEqual({
      password: '[REDACTED]',
      api_key: '[REDACTED]',
      tokenCount: '120000',
      secretName: 'my-secret',
      password_hint: 'the usual',
    })
  })

  it('survives data nested ten thousand deep and a key named __proto__', () => {
    let deep: unknown = token
    for (let i = 0; i < 10_000; i += 1) deep = [deep]
    expect(JSON.stringify(release.value(deep).value)).not.toContain(token)
    const hostile: unknown = JSON.parse(`{"__proto__": {"x": "${token}"}}`)
    expect(JSON.stringify(release.value(hostile).value)).toBe('{"__proto__":{"x":"[REDACTED]"}}')
  })

  it('releases a stream with the events of the whole', () => {
    const stream = release.stream()
    const out = stream.push(`a ${token.slice(0, 9)}`) + stream.push(`${token.slice(9)} b`)
    const { text, events } = stream.end()
    expect(out + text).toBe('a [REDACTED] b')
    expect(events).toEqual([
      { name: 'secret_redacted', severity: 'warn', fields: { count: 1, kind_github: 1 } },
    ])
  })
})
