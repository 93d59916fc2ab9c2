import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { BucketRequest } from '../../src/domain/ports/limiter.ts'
import type { LimiterObject } from '../../src/objects/limiter-object.ts'
import { LOCKOUT_MS, MAX_FAILURES } from '../../src/transport/lockout.ts'

const { LIMITERS } = env as unknown as { LIMITERS: DurableObjectNamespace<LimiterObject> }

/** Too slow to refill while a test runs. */
const RUNS: BucketRequest = { bucket: 'runs', ratePerMinute: 1, burst: 5 }

const limiter = (name: string): DurableObjectStub<LimiterObject> => LIMITERS.getByName(name)

const storedKeys = (stub: DurableObjectStub<LimiterObject>): Promise<readonly string[]> =>
  runInDurableObject(stub, async (_, state) => [...(await state.storage.list()).keys()])

describe('token buckets', () => {
  it('gives exactly the burst to a hundred concurrent takers', async () => {
    const stub = limiter('concurrent')
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => stub.take([RUNS])))
    expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(RUNS.burst)
  })

  it('tells when the next token comes', async () => {
    const stub = limiter('retry')
    for (let i = 0; i < RUNS.burst; i++) await stub.take([RUNS])
    const verdict = await stub.take([RUNS])
    if (verdict.isAllowed) throw new Error('a sixth token came')
    expect(verdict.bucket).toBe('runs')
    expect(verdict.retryAfterMs).toBeGreaterThan(50_000)
    expect(verdict.retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('remembers what was taken after an eviction', async () => {
    const stub = limiter('evicted')
    for (let i = 0; i < 4; i++) await stub.take([RUNS])
    await evictDurableObject(stub)
    expect((await stub.take([RUNS])).isAllowed).toBe(true)
    await evictDurableObject(stub)
    expect((await stub.take([RUNS])).isAllowed).toBe(false)
  })

  it('takes from no bucket when one of several is empty', async () => {
    const stub = limiter('all-or-none')
    const scarce: BucketRequest = { bucket: 'scarce', ratePerMinute: 1, burst: 1 }
    await stub.take([scarce])
    for (let i = 0; i < 20; i++) expect((await stub.take([RUNS, scarce])).isAllowed).toBe(false)
    for (let i = 0; i < RUNS.burst; i++) expect((await stub.take([RUNS])).isAllowed).toBe(true)
  })

  it('takes back what was taken ahead, and no more than the burst, after an eviction as well', async () => {
    const stub = limiter('given-back')
    await stub.take([{ ...RUNS, tokens: 5 }])
    await stub.giveBack({ ...RUNS, tokens: 3 })
    await evictDurableObject(stub)
    const taken = async (times: number) => {
      const verdicts = await Promise.all(Array.from({ length: times }, () => stub.take([RUNS])))
      return verdicts.filter(({ isAllowed }) => isAllowed).length
    }
    expect(await taken(10)).toBe(3)
    for (let i = 0; i < 10; i++) await stub.giveBack({ ...RUNS, tokens: 5 })
    expect(await taken(10)).toBe(RUNS.burst)
  })

  it('stores nothing of what is given back to a bucket that nobody drew on', async () => {
    const stub = limiter('given-unasked')
    await stub.giveBack({ ...RUNS, tokens: 3 })
    expect(await storedKeys(stub)).toEqual([])
  })

  it('stores nothing for a rate of 0, which is no limit', async () => {
    const stub = limiter('unlimited')
    for (let i = 0; i < 50; i++) {
      expect((await stub.take([{ bucket: 'x', ratePerMinute: 0, burst: 1 }])).isAllowed).toBe(true)
    }
    expect(await storedKeys(stub)).toEqual([])
  })
})

describe('lockouts', () => {
  it('locks a key at the fifth failure, and no other key', async () => {
    const stub = limiter('lock')
    for (let i = 1; i < MAX_FAILURES; i++) {
      expect((await stub.recordFailure('api_key@203.0.113.7')).isLocked).toBe(false)
    }
    const locked = await stub.recordFailure('api_key@203.0.113.7')
    expect(locked).toEqual({ isLocked: true, retryAfterMs: LOCKOUT_MS })
    expect((await stub.lockout('api_key@203.0.113.7')).isLocked).toBe(true)
    expect((await stub.lockout('pairing@203.0.113.7')).isLocked).toBe(false)
  })

  it('stays locked, and goes on counting, after an eviction', async () => {
    const stub = limiter('lock-evicted')
    for (let i = 0; i < MAX_FAILURES; i++) await stub.recordFailure('locked')
    for (let i = 1; i < MAX_FAILURES; i++) await stub.recordFailure('counting')
    await evictDurableObject(stub)
    expect((await stub.lockout('locked')).isLocked).toBe(true)
    expect((await stub.recordFailure('counting')).isLocked).toBe(true)
  })

  it('keeps active lockouts under a flood of 20,000 addresses, in bounded storage', async () => {
    const stub = limiter('flood')
    for (let i = 0; i < MAX_FAILURES; i++) await stub.recordFailure('guesser')
    await runInDurableObject(stub, async (instance) => {
      for (let i = 0; i < 20_000; i++) await instance.recordFailure(`flood-${i}`)
    })
    expect((await stub.lockout('guesser')).isLocked).toBe(true)
    // It goes once it has written everything down.
    await evictDurableObject(stub)
    expect(await storedKeys(stub)).toHaveLength(10_000)
    expect((await stub.lockout('guesser')).isLocked).toBe(true)
  }, 60_000)

  it('writes nothing when only asked', async () => {
    const stub = limiter('asked')
    expect(await stub.lockout('nobody')).toEqual({ isLocked: false, retryAfterMs: 0 })
    const trace = await runInDurableObject(stub, async (_, state) => ({
      keys: (await state.storage.list()).size,
      alarm: await state.storage.getAlarm(),
      tables: state.storage.sql.exec('SELECT name FROM sqlite_master').toArray(),
    }))
    expect(trace).toEqual({ keys: 0, alarm: null, tables: [] })
  })
})

describe('unauthenticated sockets', () => {
  it('are twenty an address at once, and leave nothing in storage', async () => {
    const stub = limiter('sockets')
    const held = await Promise.all(
      Array.from({ length: 30 }, (_, i) => stub.holdSocket('203.0.113.7', `s${i}`)),
    )
    expect(held.filter(Boolean)).toHaveLength(20)
    expect(await stub.holdSocket('198.51.100.1', 's')).toBe(true)
    await stub.releaseSocket('203.0.113.7', 's0')
    expect(await stub.holdSocket('203.0.113.7', 'next')).toBe(true)
    const trace = await runInDurableObject(stub, async (_, state) => [
      (await state.storage.list()).size,
      await state.storage.getAlarm(),
    ])
    expect(trace).toEqual([0, null])
  })
})

describe('idempotency keys', () => {
  const ANSWER = { status: 201, body: '{"id":1}' }

  it('let one of a hundred concurrent claims act', async () => {
    const stub = limiter('claims')
    const claims = await Promise.all(Array.from({ length: 100 }, () => stub.claim('name', 'body')))
    expect(claims.filter(({ kind }) => kind === 'first')).toHaveLength(1)
    expect(claims.filter(({ kind }) => kind === 'running')).toHaveLength(99)
  })

  it('are stored before they are answered, with the answer later', async () => {
    const stub = limiter('claims-evicted')
    await stub.claim('a', 'body')
    expect(await storedKeys(stub)).toEqual(['request:a'])
    await evictDurableObject(stub)
    expect(await stub.claim('a', 'body')).toEqual({ kind: 'running' })
    await stub.settle('a', ANSWER)
    await evictDurableObject(stub)
    expect(await stub.claim('a', 'body')).toEqual({ kind: 'repeat', answer: ANSWER })
    expect(await stub.claim('a', 'other')).toEqual({ kind: 'reused' })
  })

  it('are free again after a refusal, and gone after an hour', async () => {
    const stub = limiter('claims-swept')
    await stub.claim('refused', 'body')
    await stub.release('refused')
    expect(await stub.claim('refused', 'mended')).toEqual({ kind: 'first' })
    await stub.settle('refused', ANSWER)
    await runInDurableObject(stub, async (_, state) => {
      const row = await state.storage.get<object>('request:refused')
      await state.storage.put('request:refused', { ...row, claimedAt: Date.now() - 3_600_000 })
    })
    await evictDurableObject(stub)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await storedKeys(stub)).toEqual([])
  })
})

describe('sweeping', () => {
  it('leaves nothing behind once everything has expired', async () => {
    const stub = limiter('swept')
    await stub.take([{ bucket: 'fast', ratePerMinute: 60_000, burst: 1 }])
    expect(await storedKeys(stub)).toEqual(['bucket:fast'])
    await runInDurableObject(stub, async (_, state) => {
      const row = await state.storage.get<object>('bucket:fast')
      await state.storage.put('bucket:fast', { ...row, updatedAt: 0 })
    })
    await evictDurableObject(stub)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await storedKeys(stub)).toEqual([])
    expect(await runDurableObjectAlarm(stub)).toBe(false)
    await stub.take([RUNS])
    expect(await runDurableObjectAlarm(stub)).toBe(true)
  })

  it('keeps what has not expired, and comes again', async () => {
    const stub = limiter('kept')
    await stub.take([RUNS])
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await storedKeys(stub)).toEqual(['bucket:runs'])
    expect(await runDurableObjectAlarm(stub)).toBe(true)
  })
})
