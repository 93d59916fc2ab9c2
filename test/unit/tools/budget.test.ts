import { describe, expect, it } from 'vitest'
import { EMPTY_WINDOW, takeToolCall } from '../../../src/tools/budget.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = 1_000 * HOUR

function take(count: number, limit: number, at: (index: number) => number) {
  let window = EMPTY_WINDOW
  let allowed = 0
  for (let i = 0; i < count; i++) {
    const verdict = takeToolCall(window, limit, at(i))
    if (!verdict.isAllowed) continue
    window = verdict.window
    allowed++
  }
  return { window, allowed }
}

describe('the tool budget', () => {
  it('allows exactly the limit within an hour', () => {
    expect(take(200, 150, () => START).allowed).toBe(150)
  })

  it('treats a limit of 0 as none, and still counts', () => {
    const { allowed, window } = take(500, 0, () => START)
    expect(allowed).toBe(500)
    expect(takeToolCall(window, 500, START).isAllowed).toBe(false)
  })

  it('gives a call back an hour after it was made, not before', () => {
    const { window } = take(2, 2, (i) => START + i * 10 * MINUTE)
    expect(takeToolCall(window, 2, START + 59 * MINUTE).isAllowed).toBe(false)
    expect(takeToolCall(window, 2, START + HOUR).isAllowed).toBe(true)
  })

  it('says when to come again', () => {
    const { window } = take(1, 1, () => START)
    const verdict = takeToolCall(window, 1, START + 20 * MINUTE)
    expect(verdict).toEqual({ isAllowed: false, retryAfterMs: 40 * MINUTE })
  })

  it('keeps a window of bounded size', () => {
    const { window } = take(1_000, 0, (i) => START + i * MINUTE)
    expect(window.minutes.length).toBeLessThanOrEqual(60)
  })

  it('does not refill when the clock is set back', () => {
    const { window } = take(3, 3, () => START + HOUR)
    expect(takeToolCall(window, 3, START).isAllowed).toBe(false)
  })
})
