import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { generateRunnerKey } from '../../../src/crypto/job-token.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { createRunners } from '../../../src/gateway/look-at-runners.ts'
import { settings } from './world.ts'

const HEALTH = {
  status: 'ok',
  instance: 'one',
  engine: { isReachable: true, version: '1' },
  image: { name: 'registry.internal/sandbox', state: 'present' },
  capacity: { running: 3, max: 8 },
  isUserNamespaceRemapped: true,
  runtime: 'runc',
}
const TENANT = 'ten_a' as TenantId

let runnerKey = ''
beforeAll(async () => {
  runnerKey = JSON.stringify((await generateRunnerKey()).privateJwk)
})

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listening(onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Script {
  readonly health?: unknown
  readonly code?: string
  readonly status?: number
}

/** A runner that says this of its health, and this of a job that it does not know. */
const runner = ({ health = HEALTH, code = 'NOT_FOUND', status = 404 }: Script = {}) =>
  listening((request, response) => {
    const isHealth = request.url === '/health'
    response.writeHead(isHealth ? 200 : status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isHealth ? health : { error: { code, message: 'no' } }))
  })

const look = async (urls: readonly string[], key: string | null = runnerKey) => {
  const runners = urls.map((url, i) => ({ url, keyId: `runner-${i}` }))
  const looked = createRunners(settings({ runners, runnerKey: key }), TENANT, Date.now).recent()
  return (await looked).runners
}
const reasonOf = async (script: Script) => (await look([await runner(script)]))[0]?.reason

describe('a look at the runners', () => {
  it('finds one well that answers and takes our jobs', async () => {
    const [only] = await look([await runner()])
    expect(only).toMatchObject({ keyId: 'runner-0', reason: null })
    expect(only?.latencyMs).toBeGreaterThanOrEqual(0)
  })

  it.each([
    ['key_refused', { code: 'UNAUTHENTICATED', status: 401 }],
    [
      'engine_unreachable',
      { health: { ...HEALTH, engine: { isReachable: false, version: null } } },
    ],
    ['image_missing', { health: { ...HEALTH, image: { name: 'x', state: 'missing' } } }],
    ['degraded', { health: { ...HEALTH, status: 'degraded' } }],
    ['no_answer', { health: { status: 'ok' } }],
    ['no_answer', { code: 'NOT_FOUND', status: 200 }],
    // It looks at nobody's jobs now: that says nothing of ours.
    ['no_answer', { code: 'CAPACITY', status: 503 }],
    ['no_answer', { code: 'INTERNAL', status: 500 }],
  ] as const)('says %s of one that is not', async (reason, script) => {
    expect(await reasonOf(script)).toBe(reason)
  })

  it('waits for none: one that hangs holds up no other', async () => {
    const hanging = await listening(() => undefined)
    const startedAt = performance.now()
    const seen = await look([hanging, hanging, await runner(), hanging])
    expect(seen.map(({ reason }) => reason)).toEqual(['no_answer', 'no_answer', null, 'no_answer'])
    expect(performance.now() - startedAt).toBeLessThan(3_500)
  })

  it('follows no redirect', async () => {
    const elsewhere = await runner()
    const sending = await listening((request, response) => {
      response.writeHead(307, { location: `${elsewhere}${request.url}` }).end()
    })
    expect((await look([sending]))[0]?.reason).toBe('no_answer')
  })

  it('asks nobody without a key to sign with', async () => {
    const asked: string[] = []
    const url = await listening((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    expect(await look([url], null)).toEqual([
      { keyId: 'runner-0', reason: 'no_key', latencyMs: null },
    ])
    expect(asked).toEqual([])
  })

  it('tells no address, no image and nothing of what others run', async () => {
    const url = await runner()
    const told = JSON.stringify(await look([url]))
    for (const hidden of [new URL(url).host, '127.0.0.1', 'registry.internal', 'running']) {
      expect(told).not.toContain(hidden)
    }
  })

  it('is one for all tenants for some seconds', async () => {
    let asked = 0
    const url = await listening((_, response) => {
      asked += 1
      response.end()
    })
    const now = { ms: 1_000 }
    const shared = settings({ runners: [{ url, keyId: 'runner-0' }], runnerKey })
    const recent = (tenant: string) =>
      createRunners(shared, tenant as TenantId, () => now.ms).recent()
    const first = await recent('ten_a')
    const askedOnce = asked
    expect(askedOnce).toBeGreaterThan(0)
    now.ms += 4_999
    expect(await recent('ten_c')).toEqual({ ...first, at: 1_000 })
    expect(asked).toBe(askedOnce)
    now.ms += 1
    expect((await recent('ten_a')).at).toBe(6_000)
    expect(asked).toBe(2 * askedOnce)
  })

  it('keeps nobody waiting for the answer that somebody else asked for', async () => {
    const held: (() => void)[] = []
    const isHeld = Promise.withResolvers<void>()
    const url = await listening((request, response) => {
      const isHealth = request.url === '/health'
      const answer = () => {
        response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json' })
        const error = { code: 'NOT_FOUND', message: 'no' }
        response.end(JSON.stringify(isHealth ? HEALTH : { error }))
      }
      if (held.length === 2) return answer()
      held.push(answer)
      if (held.length === 2) isHeld.resolve()
    })
    const shared = settings({ runners: [{ url, keyId: 'runner-0' }], runnerKey })
    let isFirstTold = false
    const first = createRunners(shared, TENANT, () => 1_000)
      .recent()
      .finally(() => {
        isFirstTold = true
      })
    await isHeld.promise
    const second = await createRunners(shared, TENANT, () => 1_001).recent()
    expect(second).toMatchObject({ at: 1_001, runners: [{ reason: null }] })
    expect(isFirstTold).toBe(false)
    for (const answer of held) answer()
    expect((await first).at).toBe(1_000)
    // The older look does not stand in for the newer one.
    expect((await createRunners(shared, TENANT, () => 1_002).recent()).at).toBe(1_001)
  })

  it('has nothing to say where there is none', async () => {
    expect(await look([])).toEqual([])
  })
})
