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

  const never: Fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
    })

  it('that carries a file may take its time', async () => {
    let ended: unknown = null
    const call = callApi(never, { url: URL_, body: new Uint8Array(300 * 1_024) })
    void call.then((answer) => {
      ended = answer
    })
    await vi.advanceTimersByTimeAsync(59_999)
    expect(ended).toBeNull()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toMatchObject({ error: { kind: 'unknown' } })
  })

  it('that is not answered in time may have been heard', async () => {
    const answer = callApi(never, { url: URL_, body: {} })
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await answer).toMatchObject({ error: { kind: 'unknown' } })
  })
})
