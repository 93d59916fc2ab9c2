import { describe, expect, it } from 'vitest'
import {
  IdempotencyTable,
  KEY_RETENTION_MS,
  MAX_ANSWER_CHARS,
  MAX_KEPT_CHARS,
  MAX_KEYS,
  parseIdempotencyKey,
  RUNNING_MS,
} from '../../../src/transport/idempotency.ts'

const START = 1_800_000_000_000
const ANSWER = { status: 201, body: '{"id":"agt_1"}' }
const claim = (table: IdempotencyTable, name: string, body = 'body', now = START) =>
  table.claim(name, body, now).claim

describe('parseIdempotencyKey', () => {
  it('takes what clients send, and no header for no key', () => {
    expect(parseIdempotencyKey(null)).toEqual({ ok: true, value: null })
    for (const key of ['8e03978e-40d5-43dd-bc93-6894a57f9324', 'k', 'x'.repeat(200)]) {
      expect(parseIdempotencyKey(key)).toEqual({ ok: true, value: key })
    }
  })

  it('rejects what is empty, too long or no visible ASCII', () => {
    for (const key of ['', 'x'.repeat(201), 'a b', 'ключ', 'a\tb']) {
      expect(parseIdempotencyKey(key)).toEqual({
        ok: false,
        error: { kind: 'idempotency_key_malformed' },
      })
    }
  })
})

describe('IdempotencyTable', () => {
  it('lets one act, and answers its repeat the same', () => {
    const table = new IdempotencyTable()
    expect(claim(table, 'a')).toEqual({ kind: 'first' })
    expect(claim(table, 'a')).toEqual({ kind: 'running' })
    table.settle('a', ANSWER)
    expect(claim(table, 'a')).toEqual({ kind: 'repeat', answer: ANSWER })
    expect(claim(table, 'b')).toEqual({ kind: 'first' })
  })

  it('rejects the key with another body, whether the first still runs or has ended', () => {
    const table = new IdempotencyTable()
    claim(table, 'a')
    expect(claim(table, 'a', 'other')).toEqual({ kind: 'reused' })
    table.settle('a', ANSWER)
    expect(claim(table, 'a', 'other')).toEqual({ kind: 'reused' })
  })

  it('frees the key of a request that was refused, not of one that acted', () => {
    const table = new IdempotencyTable()
    claim(table, 'a')
    table.release('a')
    expect(claim(table, 'a', 'mended')).toEqual({ kind: 'first' })
    table.settle('a', ANSWER)
    table.release('a')
    table.settle('a', { status: 200, body: 'forged' })
    expect(claim(table, 'a', 'mended')).toEqual({ kind: 'repeat', answer: ANSWER })
  })

  it('keeps no answer with a secret or too large, and lets neither act twice', () => {
    const table = new IdempotencyTable()
    claim(table, 'secret')
    table.settle('secret', null)
    expect(claim(table, 'secret')).toEqual({ kind: 'not_kept' })
    claim(table, 'large')
    const { written } = table.settle('large', { status: 200, body: 'x'.repeat(32 * 1024 + 1) })
    expect(written.get('large')?.answer).toBeNull()
    expect(claim(table, 'large')).toEqual({ kind: 'not_kept' })
  })

  it('says of a request that was lost that its outcome is unknown', () => {
    const table = new IdempotencyTable()
    claim(table, 'a')
    expect(claim(table, 'a', 'body', START + RUNNING_MS - 1)).toEqual({ kind: 'running' })
    expect(claim(table, 'a', 'body', START + RUNNING_MS)).toEqual({ kind: 'unknown' })
  })

  it('forgets a key after an hour, not a millisecond before', () => {
    const table = new IdempotencyTable()
    claim(table, 'a')
    table.settle('a', ANSWER)
    expect(claim(table, 'a', 'body', START + KEY_RETENTION_MS - 1).kind).toBe('repeat')
    expect(claim(table, 'a', 'body', START + KEY_RETENTION_MS)).toEqual({ kind: 'first' })
    expect(KEY_RETENTION_MS).toBe(3_600_000)
  })

  it('tells its owner what to store, and goes on from what was stored', () => {
    const first = new IdempotencyTable()
    const rows = new Map(first.claim('a', 'body', START).change.written)
    for (const [name, row] of first.settle('a', ANSWER).written) rows.set(name, row)
    const second = new IdempotencyTable(rows)
    expect(claim(second, 'a')).toEqual({ kind: 'repeat', answer: ANSWER })
    expect(second.expire(START + KEY_RETENTION_MS)).toEqual(['a'])
  })

  it('stays bounded: the oldest that acted goes first, what still runs stays', () => {
    const table = new IdempotencyTable()
    claim(table, 'running')
    for (let i = 0; i < MAX_KEYS + 50; i++) {
      claim(table, `k${i}`)
      table.settle(`k${i}`, ANSWER)
    }
    expect(table.size).toBe(MAX_KEYS)
    expect(claim(table, 'running')).toEqual({ kind: 'running' })
    expect(claim(table, `k${MAX_KEYS + 49}`).kind).toBe('repeat')
    expect(claim(table, 'k0')).toEqual({ kind: 'first' })
  })

  it('gives up the oldest answers before any key: their repeat still acts no second time', () => {
    const table = new IdempotencyTable()
    const body = 'x'.repeat(MAX_ANSWER_CHARS)
    const fitting = MAX_KEPT_CHARS / MAX_ANSWER_CHARS
    for (let i = 0; i <= fitting; i++) {
      claim(table, `k${i}`)
      table.settle(`k${i}`, { status: 200, body })
    }
    expect(claim(table, 'k0')).toEqual({ kind: 'not_kept' })
    expect(claim(table, 'k1').kind).toBe('repeat')
  })
})
