/** A gateway that is started under another key says so at once, instead of failing in somebody's run. */
import { beforeEach, describe, expect, it } from 'vitest'
import { seal } from '../../../src/crypto/envelope.ts'
import { sealKeyCheck } from '../../../src/crypto/key-check.ts'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import { type Database, openDatabase } from '../../../src/db/database.ts'
import { createProvider } from '../../../src/db/llm-providers.ts'
import { DEFAULT_TENANT, type ProviderId } from '../../../src/domain/ids.ts'
import { checkKey, WRONG_KEY } from '../../../src/gateway/key-check.ts'
import { openSqliteD1 } from '../../support/sqlite-d1.ts'

const [OLD, NEW, OTHER] = ['a1', 'b2', 'c3'].map((pair) => pair.repeat(32)) as [
  string,
  string,
  string,
]

/** A ring of its own each: what an isolate remembers of one is not known of another. */
function ringOf(current: string, previous?: string): KeyRing {
  const ring = parseKeyRing({ current, ...(previous === undefined ? {} : { previous }) })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}

let known: string[]
let asked: number
let db: Database
beforeEach(() => {
  known = []
  asked = 0
  db = openDatabase(openSqliteD1().d1)
})

const started = async (keyRing: KeyRing): Promise<string> => {
  const checked = await checkKey({
    keyRing,
    directory: () => db,
    platform: () => ({
      keyChecks: async () => {
        asked++
        return [...known]
      },
      addKeyCheck: async (seen, sealed) => {
        if (seen.length === known.length) known.push(sealed)
        return [...known]
      },
    }),
  })
  return checked.ok ? 'serves' : checked.error
}

async function plantSecret(ring: KeyRing | null): Promise<void> {
  const id = 'prv_planted' as ProviderId
  const place = {
    tenantId: DEFAULT_TENANT,
    table: 'llm_providers',
    column: 'sealed_api_key',
    row: id,
  }
  const sealedApiKey = ring ? await seal(ring, place, 'sk') : 'sk-in-plain'
  const provider = {
    id,
    name: 'p',
    type: 'openai' as const,
    apiBase: null,
    sealedApiKey,
    allowPrivateNetwork: false,
    enabled: true,
  }
  await createProvider(db, DEFAULT_TENANT, provider, 1)
}

describe('the first start', () => {
  it('remembers its key, and every later one under it serves', async () => {
    expect(await started(ringOf(OLD))).toBe('serves')
    expect(known).toHaveLength(1)
    expect(await started(ringOf(OLD))).toBe('serves')
    expect(known).toHaveLength(1)
  })

  it('is refused when there are secrets already, and the key opens none of them', async () => {
    await plantSecret(ringOf(OLD))
    expect(await started(ringOf(NEW))).toBe(WRONG_KEY)
    expect(known).toEqual([])
    expect(await started(ringOf(OLD))).toBe('serves')
  })

  it('is not held up by secrets that were never sealed', async () => {
    await plantSecret(null)
    expect(await started(ringOf(NEW))).toBe('serves')
  })
})

describe('a start under another key', () => {
  it('is refused, every time it is tried', async () => {
    await started(ringOf(OLD))
    const wrong = ringOf(OTHER)
    expect([await started(wrong), await started(wrong)]).toEqual([WRONG_KEY, WRONG_KEY])
    expect(known).toHaveLength(1)
  })

  it('serves when the key before it is set as well', async () => {
    await started(ringOf(OLD))
    expect(await started(ringOf(NEW, OLD))).toBe('serves')
    expect(known).toHaveLength(2)
  })

  it('is refused with a previous key that is another still', async () => {
    await started(ringOf(OLD))
    expect(await started(ringOf(NEW, OTHER))).toBe(WRONG_KEY)
  })
})

describe('while a rotation is under way', () => {
  beforeEach(async () => {
    await started(ringOf(OLD))
    await started(ringOf(NEW, OLD))
  })

  it('neither key alone is enough: some values are under each', async () => {
    expect(await started(ringOf(OLD))).toBe(WRONG_KEY)
    expect(await started(ringOf(NEW))).toBe(WRONG_KEY)
  })

  it('both are, either way round', async () => {
    expect(await started(ringOf(NEW, OLD))).toBe('serves')
    expect(await started(ringOf(OLD, NEW))).toBe('serves')
  })

  it('and the new one alone is, once it has ended', async () => {
    known = [await sealKeyCheck(ringOf(NEW), DEFAULT_TENANT)]
    expect(await started(ringOf(NEW))).toBe('serves')
    expect(await started(ringOf(OLD))).toBe(WRONG_KEY)
  })
})

it('an isolate asks once', async () => {
  const ring = ringOf(OLD)
  await started(ring)
  const before = asked
  await started(ring)
  expect(asked).toBe(before)
})
