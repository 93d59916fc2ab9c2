import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateTokens, fitContext } from '../../../src/agent/context-window.ts'
import { CONTEXT_FILL } from '../../../src/agent/limits.ts'
import type { Message } from '../../../src/domain/message.ts'
import { anyTurns, says, user } from '../../support/turns.ts'
import { brokenPairs } from './run.ts'

const turns = anyTurns(30)

const sum = (messages: readonly Message[]) =>
  messages.reduce((total, message) => total + estimateTokens(message), 0)

describe('fitContext', () => {
  it('keeps everything that fits', () => {
    const messages = [user('a'), says('b'), user('c')]
    expect(fitContext(messages, 100_000, 0)).toEqual({ messages, droppedCount: 0 })
  })

  it('drops the oldest turn, not the newest', () => {
    const messages = [user('x'.repeat(4_000)), says('old'), user('new')]
    const fitted = fitContext(messages, 1_000, 0)
    expect(fitted.messages).toEqual([user('new')])
    expect(fitted.droppedCount).toBe(2)
  })

  it('never splits a call from its result', () => {
    fc.assert(
      fc.property(turns, fc.nat(4_000), fc.nat(2_000), (messages, window, reserved) => {
        expect(brokenPairs(fitContext(messages, window, reserved).messages)).toEqual([])
      }),
    )
  })

  it('keeps a tail of the conversation, with the newest message always in it', () => {
    fc.assert(
      fc.property(turns, fc.nat(4_000), fc.nat(2_000), (messages, window, reserved) => {
        const fitted = fitContext(messages, window, reserved)
        expect(fitted.messages.length).toBeGreaterThan(0)
        expect(fitted.messages).toEqual(messages.slice(-fitted.messages.length))
        expect(fitted.droppedCount).toBe(messages.length - fitted.messages.length)
      }),
    )
  })

  it('stays within its share of the window unless the last turn alone is larger', () => {
    fc.assert(
      fc.property(turns, fc.nat(8_000), (messages, window) => {
        const { messages: kept } = fitContext(messages, window, 0)
        const isOneTurn = kept.filter(({ role }) => role !== 'tool').length === 1
        expect(isOneTurn || sum(kept) <= window * CONTEXT_FILL).toBe(true)
      }),
    )
  })

  it('begins with a user message when it dropped something and there is one to begin with', () => {
    const long = 'x'.repeat(2_000)
    const messages = [user(long), says(long), says('then'), user('question'), says('answer')]
    expect(fitContext(messages, 600, 0).messages[0]).toEqual(user('question'))
  })

  it('answers nothing for nothing', () => {
    expect(fitContext([], 10, 0)).toEqual({ messages: [], droppedCount: 0 })
  })
})
