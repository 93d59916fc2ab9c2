import { describe, expect, it } from 'vitest'
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
})
