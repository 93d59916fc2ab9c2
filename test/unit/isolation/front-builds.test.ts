/** The front's builds before a launcher of a test's own: who is refused, and for how long. */

import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createImageBuilds } from '../../../sandbox-runner/src/front/builds.ts'
import type { LauncherClient } from '../../../sandbox-runner/src/front/launcher-client.ts'
import { Refusal } from '../../../sandbox-runner/src/front/refusal.ts'
import type { JobClaims } from '../../../src/isolation/contract.ts'

const LIST = [{ manager: 'apt', name: 'jq' }] as const
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Builds last a minute and break; one place. */
function world() {
  let isTaken = false
  const launcher = {
    findImage: async () => null,
    commit: async () => 'sha256:made',
    build: async () => {
      if (isTaken) throw new Refusal('CAPACITY', 'full', { retryAfterMs: 1_000 })
      isTaken = true
      const broken = Promise.withResolvers<void>()
      const timer = setTimeout(() => broken.reject(new Error('broken')), MINUTE)
      return {
        sandbox: 's',
        isFresh: true,
        send: () => broken.promise,
        frames: (async function* () {
          yield await broken.promise
        })(),
        engineIsAlive: () => true,
        keep: () => {},
        close: () => {
          clearTimeout(timer)
          isTaken = false
        },
      }
    },
  }
  const builds = createImageBuilds({
    builds: { hosts: ['r.test'], apt: '', pip: '', npm: null, certificates: '' },
    addresses: { resolve: async () => [] },
    blobs: {} as never,
    launcher: launcher as unknown as LauncherClient,
  })
  const ask = async (tenant: string) => {
    const response = Object.assign(new PassThrough(), { writeHead: () => {} })
    let said = ''
    response.on('data', (chunk) => {
      said += String(chunk)
    })
    const claims = { tenant, exec: `image-${tenant}` } as JobClaims
    const refused = await builds
      .handle(claims, LIST, response as unknown as ServerResponse)
      .then(() => null)
      .catch((error: unknown) => error as Refusal)
    await vi.advanceTimersByTimeAsync(0)
    return { refused, said: () => said }
  }
  return { ask }
}

describe('a tenant that has had an image built', () => {
  it('leaves the place to one that was refused meanwhile', async () => {
    const { ask } = world()
    await ask('ten_a')
    expect((await ask('ten_b')).said()).toContain('CAPACITY')
    await vi.advanceTimersByTimeAsync(MINUTE)
    const { refused } = await ask('ten_a')
    expect(refused).toMatchObject({ code: 'CAPACITY', status: 429 })
    expect(refused?.retryAfterMs).toBeGreaterThan(MINUTE - 1_000)
    expect(refused?.retryAfterMs).toBeLessThanOrEqual(MINUTE)
    const other = await ask('ten_b')
    expect([other.refused, other.said()]).toEqual([null, ''])
  })

  it('gets the next one at once when nobody was', async () => {
    const { ask } = world()
    await ask('ten_a')
    await vi.advanceTimersByTimeAsync(MINUTE)
    const again = await ask('ten_a')
    expect([again.refused, again.said()]).toEqual([null, ''])
  })
})
