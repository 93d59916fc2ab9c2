import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Condensed,
  contextBudget,
  fitView,
  NOTHING_CONDENSED,
  planStep,
  Shortener,
  viewOf,
} from '../../../src/agent/compaction.ts'
import { estimateAll } from '../../../src/agent/context-window.ts'
import type { Message } from '../../../src/domain/message.ts'
import { anyTurns, says, user, works } from '../../support/turns.ts'
import { brokenPairs } from './run.ts'

const SUMMARY = 's'.repeat(120)
const shortener = () =>
  new Shortener((content) => (content.length > 200 ? `${content.slice(0, 80)}…` : null))

/** Takes every step that is planned, as the loop does, with a summariser that always answers. */
function condensed(
  messages: readonly Message[],
  runStart: number,
  budget: number,
  isForced = false,
) {
  const shows = shortener()
  let at: Condensed = NOTHING_CONDENSED
  const kinds: string[] = []
  for (let steps = 0; steps < 50; steps++) {
    const step = planStep({ messages, runStart }, at, budget, shows, isForced && steps === 0)
    kinds.push(step.kind)
    if (step.kind === 'none') break
    if (step.kind === 'shorten') at = { ...at, shortTo: step.shortTo }
    else {
      const from = at.from + step.groups.flat().length
      at = { summary: SUMMARY, isUntrusted: false, from, shortTo: Math.max(from, step.shortTo) }
    }
  }
  return { at, kinds, view: viewOf({ messages, runStart }, at, shows) }
}

const chat = (turns: number, size: number): readonly Message[] =>
  Array.from({ length: turns }, (_, n) => [
    user(`question ${n} ${'q'.repeat(size)}`),
    says(`answer ${n} ${'a'.repeat(size)}`),
  ]).flat()

describe('planStep', () => {
  it('does nothing while there is room', () => {
    const messages = chat(5, 100)
    expect(condensed(messages, 8, 10_000).kinds).toEqual(['none'])
  })

  it('summarises the older turns when the window is full, and keeps the last ones whole', () => {
    const messages = chat(20, 400)
    const { at, view } = condensed(messages, 38, 2_000)
    expect(at.summary).toBe(SUMMARY)
    expect(at.from).toBeGreaterThan(20)
    expect(at.from).toBeLessThan(38)
    expect(messages[at.from]?.role).toBe('user')
    expect(view.tail).toEqual(messages.slice(at.from))
    expect(estimateAll([...view.head, ...view.tail])).toBeLessThanOrEqual(2_000)
  })

  it('leaves room enough that the next turns change nothing', () => {
    const messages = chat(20, 400)
    const { at } = condensed(messages, 38, 2_000)
    const more = [...messages, user('next'), says('short')]
    expect(planStep({ messages: more, runStart: 40 }, at, 2_000, shortener())).toEqual({
      kind: 'none',
    })
  })

  it('shortens old results first, and where that is enough loses nothing of what was said', () => {
    const messages = [
      user('read them'),
      ...works(['a'], 'x'.repeat(4_000)),
      ...works(['b'], 'y'.repeat(4_000)),
      ...works(['c'], 'z'),
      ...works(['d'], 'z'),
      ...works(['e'], 'z'),
    ]
    const { at, kinds, view } = condensed(messages, 0, 1_000)
    expect(kinds).toEqual(['shorten', 'none'])
    expect(at).toMatchObject({ summary: null, from: 0 })
    expect(view.tail).toHaveLength(messages.length)
    expect(view.tail[2]?.content).toMatch(/^x{80}…$/)
  })

  it('shows a shortened result as the very same text each time', () => {
    const shows = shortener()
    const [, message] = works(['a'], 'x'.repeat(4_000))
    if (!message) throw new Error('no result')
    expect(shows.shown(message)).toBe(shows.shown(message))
  })

  it('keeps in view what a run was asked, however long it works on it', () => {
    const messages = [
      user('the task'),
      ...Array.from({ length: 12 }, (_, n) => works([`c${n}`], `${n}`.repeat(180))).flat(),
    ]
    const { at, view } = condensed(messages, 0, 500)
    expect(at.from).toBeGreaterThan(1)
    expect(view.head.map(({ content }) => content)).toEqual([SUMMARY, 'the task'])
    expect(brokenPairs([...view.head, ...view.tail])).toEqual([])
  })

  it('does nothing where the last turn alone is too large', () => {
    expect(condensed([user('x'.repeat(9_000))], 0, 100).kinds).toEqual(['none'])
  })

  it('summarises what is asked for by hand although there is room, all but the last two turns', () => {
    const messages = chat(6, 10)
    const { at, kinds } = condensed(messages, messages.length, 100_000, true)
    expect(kinds).toEqual(['summarise', 'none'])
    expect(at.from).toBe(8)
  })

  it('has nothing to do for a short conversation, by hand too', () => {
    expect(condensed(chat(2, 10), 4, 100_000, true).kinds).toEqual(['none'])
    expect(condensed([], 0, 100_000, true).kinds).toEqual(['none'])
  })
})

describe('fitView', () => {
  it('lets the oldest of the tail leave, never the summary, and counts both', () => {
    const head = [user('s'.repeat(2_000)), user('the task')]
    const tail = chat(10, 200)
    const sent = fitView({ head, tail, asked: null }, 1_500, 100)
    expect(sent.slice(0, 2)).toEqual(head)
    expect(sent.at(-1)).toBe(tail.at(-1))
    expect(sent.length).toBeLessThan(tail.length)
    expect(estimateAll(sent)).toBeLessThanOrEqual(contextBudget(1_500, 100))
  })
})

describe('a long run that no summary makes room for', () => {
  const question = user('THE QUESTION')
  const work = Array.from({ length: 20 }, (_, i): Message[] => [
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: `c${i}`, name: 'read', arguments: {} }],
      createdAt: 0,
    },
    {
      role: 'tool',
      toolCallId: `c${i}`,
      name: 'read',
      content: 'x'.repeat(400),
      isError: false,
      createdAt: 0,
    },
  ]).flat()

  it('keeps what it was asked, and as much of its newest work as fits', () => {
    const tail = [...chat(2, 50), question, ...work]
    const sent = fitView({ head: [], tail, asked: question }, 1_500, 100)
    expect(sent[0]).toBe(question)
    expect(sent.slice(1)).toEqual(work.slice(1 - sent.length))
    expect(sent.length).toBeGreaterThan(8)
    expect(estimateAll(sent)).toBeLessThanOrEqual(contextBudget(1_500, 100))
  })

  it('throws no work away for a word that was said into it', () => {
    const tail = [question, ...work, user('hurry')]
    const sent = fitView({ head: [], tail, asked: question }, 1_500, 100)
    expect([sent[0], sent.at(-1)]).toEqual([question, user('hurry')])
    expect(sent.length).toBeGreaterThan(8)
  })
})

describe('any transcript', () => {
  it('is seen in whole pairs, after every step', () => {
    fc.assert(
      fc.property(
        anyTurns(30),
        fc.nat({ max: 3_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (messages, budget, part, isForced) => {
          const starts = messages.flatMap(({ role }, at) => (role === 'user' ? [at] : []))
          const runStart = starts[Math.floor(part * (starts.length - 1))] ?? 0
          const { view, at } = condensed(messages, runStart, budget, isForced)
          const sent = fitView(view, budget, 0)
          expect(brokenPairs(sent)).toEqual([])
          expect(at.from).toBeLessThan(messages.length)
          // The newest turn is there, whatever had to go.
          expect(sent.at(-1)?.role).toBe(messages.at(-1)?.role)
        },
      ),
    )
  })

  it('comes to fit, but for a single turn that does not', () => {
    fc.assert(
      fc.property(anyTurns(40), fc.integer({ min: 600, max: 4_000 }), (messages, window) => {
        const runStart = messages.findLastIndex(({ role }) => role === 'user')
        const { view } = condensed(messages, runStart, contextBudget(window, 0))
        const sent = fitView(view, window, 0)
        const isOneTurn = sent.slice(view.head.length).filter(({ role }) => role !== 'tool').length
        expect(isOneTurn <= 1 || estimateAll(sent) <= contextBudget(window, 0)).toBe(true)
      }),
    )
  })
})
