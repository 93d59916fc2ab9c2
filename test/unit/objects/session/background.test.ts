import { describe, expect, it, vi } from 'vitest'
import { Background } from '../../../../src/objects/session/background.ts'

describe('Background', () => {
  it('is idle once all that had begun has ended, failed work included', async () => {
    const kept: Promise<unknown>[] = []
    const background = new Background((work) => void kept.push(work.catch(() => undefined)))
    expect(background.isIdle).toBe(true)
    const { promise, resolve } = Promise.withResolvers<string>()
    const failing = Promise.withResolvers<string>()
    expect(background.add(promise)).toBe(promise)
    void background.add(failing.promise).catch(() => undefined)
    expect(kept).toHaveLength(2)
    failing.reject(new Error('no'))
    expect(background.isIdle).toBe(false)
    resolve('done')
    await background.settled()
    expect(background.isIdle).toBe(true)
  })

  it('waits no longer than it is told to, and says whether all has ended', async () => {
    vi.useFakeTimers()
    try {
      const background = new Background(() => undefined)
      expect(await background.settledWithin(10)).toBe(true)
      const { promise, resolve } = Promise.withResolvers<void>()
      background.add(promise)
      const waiting = background.settledWithin(10)
      await vi.advanceTimersByTimeAsync(10)
      expect(await waiting).toBe(false)
      const ending = background.settledWithin(10)
      resolve()
      expect(await ending).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})
