import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { callApi } from '../../../src/channels/api-call.ts'
import type { Fetch } from '../../../src/domain/model.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const URL_ = 'https://platform.example/send'

describe('a call to a platform', () => {
  it('leaves no timer behind that would keep anybody awake', async () => {
    const fails: Fetch = async () => {
      throw new Error('reset')
    }
    for (const fetch of [async () => Response.json({}), fails] as readonly Fetch[]) {
      await callApi(fetch, { url: URL_ })
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('that is not answered in time may have been heard', async () => {
    const never: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const answer = callApi(never, { url: URL_, body: {} })
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await answer).toMatchObject({ error: { kind: 'unknown' } })
  })
})
