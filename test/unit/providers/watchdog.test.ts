import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWatchdog } from '../../../src/providers/watchdog.ts'

const TIMEOUTS = { firstByteMs: 60_000, idleMs: 30_000, callMs: 600_000 }
const never = () => new Promise<never>(() => {})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function watch(caller = new AbortController()) {
  const watchdog = createWatchdog(TIMEOUTS, caller.signal)
  const outcome = { reason: 'none' }
  const wait = (begin: () => Promise<unknown> = never) => {
    watchdog.wait(begin).catch(() => {
      outcome.reason = watchdog.verdict() ?? 'failed'
    })
  }
  return { watchdog, wait, outcome, caller }
}

describe('createWatchdog', () => {
  test('strikes when the first byte does not come in time, and not before', async () => {
    const { wait, outcome } = watch()
    wait()
    await vi.advanceTimersByTimeAsync(59_990)
    expect(outcome.reason).toBe('none')
    await vi.advanceTimersByTimeAsync(20)
    expect(outcome.reason).toBe('first_byte')
  })

  test('does not begin the first byte anew when the head of the answer comes', async () => {
    const { wait, outcome } = watch()
    wait(async () => 'head')
    await vi.advanceTimersByTimeAsync(50_000)
    wait()
    await vi.advanceTimersByTimeAsync(10_010)
    expect(outcome.reason).toBe('first_byte')
  })

  test('strikes after silence, counted from the last bytes', async () => {
    const { watchdog, wait, outcome } = watch()
    wait()
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(20_000)
      watchdog.touch()
    }
    expect(outcome.reason).toBe('none')
    await vi.advanceTimersByTimeAsync(29_990)
    expect(outcome.reason).toBe('none')
    await vi.advanceTimersByTimeAsync(20)
    expect(outcome.reason).toBe('idle')
  })

  test('does not count the time in which nobody waits', async () => {
    const { watchdog, wait, outcome } = watch()
    watchdog.touch()
    wait(async () => 'a piece')
    await vi.advanceTimersByTimeAsync(200_000)
    expect(watchdog.verdict()).toBeNull()
    wait()
    await vi.advanceTimersByTimeAsync(29_990)
    expect(outcome.reason).toBe('none')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(outcome.reason).toBe('idle')
  })

  test('ends the call as a whole however lively it is', async () => {
    const { watchdog, wait, outcome } = watch()
    wait()
    for (let i = 0; i < 60; i++) {
      watchdog.touch()
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(outcome.reason).toBe('call')
    expect(watchdog.signal.aborted).toBe(true)
  })

  test('passes on what it waited for, and its failure', async () => {
    const { watchdog } = watch()
    await expect(watchdog.wait(async () => 7)).resolves.toBe(7)
    const failing = watchdog.wait(async () => {
      throw new Error('broken')
    })
    await expect(failing).rejects.toThrow('broken')
    expect(watchdog.verdict()).toBeNull()
  })

  test('aborts with its caller, and waits for nothing after that', async () => {
    const { watchdog, wait, outcome, caller } = watch()
    wait()
    caller.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(outcome.reason).toBe('aborted')
    const begin = vi.fn(never)
    await expect(watchdog.wait(begin)).rejects.toThrow()
    expect(begin).not.toHaveBeenCalled()
  })

  test('leaves no timer and no listener behind', () => {
    const { watchdog, caller } = watch()
    watchdog.stop(false)
    expect(vi.getTimerCount()).toBe(0)
    caller.abort()
    expect(watchdog.verdict()).toBeNull()
  })
})
