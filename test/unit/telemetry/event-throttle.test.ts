import { describe, expect, it } from 'vitest'
import { EventThrottle } from '../../../src/telemetry/event-throttle.ts'

const MINUTE = 60_000

describe('EventThrottle', () => {
  it('keeps the first ten equal events of a minute', () => {
    const throttle = new EventThrottle()
    const kept = Array.from({ length: 15 }, () => throttle.take('tool_denied ada', 0).isKept)
    expect(kept.filter(Boolean)).toHaveLength(10)
  })

  it('tells with the next minute how many were only counted', () => {
    const throttle = new EventThrottle()
    for (let i = 0; i < 25; i++) throttle.take('tool_denied ada', 0)
    expect(throttle.take('tool_denied ada', MINUTE)).toEqual({ isKept: true, repeated: 15 })
    expect(throttle.take('tool_denied ada', 2 * MINUTE)).toEqual({ isKept: true, repeated: 0 })
  })

  it('tells of what was only counted as soon as it is asked, once', () => {
    const throttle = new EventThrottle()
    expect(throttle.drain()).toEqual([])
    for (let i = 0; i < 25; i++) throttle.take('tool_denied ada', 0)
    expect(throttle.drain()).toEqual([{ kind: 'tool_denied ada', count: 15 }])
    throttle.take('tool_denied ada', 0)
    expect(throttle.drain()).toEqual([{ kind: 'tool_denied ada', count: 1 }])
    expect(throttle.take('tool_denied ada', MINUTE)).toEqual({ isKept: true, repeated: 0 })
  })

  it('forgets kinds that are too many, and not how much of them was only counted', () => {
    const throttle = new EventThrottle()
    for (let i = 0; i < 12; i++) throttle.take('tool_denied ada', 0)
    for (let i = 0; i < 1_000; i++) throttle.take(`tool_denied ${i}`, 0)
    expect(throttle.drain()).toEqual([{ kind: null, count: 2 }])
  })

  it("lets one user's flood hide no other's event", () => {
    const throttle = new EventThrottle()
    for (let i = 0; i < 100; i++) throttle.take('tool_denied mallory', 0)
    expect(throttle.take('tool_denied ada', 0)).toEqual({ isKept: true, repeated: 0 })
  })
})
