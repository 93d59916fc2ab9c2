import { describe, expect, it } from 'vitest'
import { createRunnerStates, type RunnerState } from '../../../src/isolation/runner-states.ts'
import { preferenceOrder, runnerOrder, wellFirst } from '../../../src/isolation/runners.ts'

const RUNNERS = ['a', 'b', 'c', 'd'].map((keyId) => ({ url: `https://${keyId}.example`, keyId }))
const WORKSPACES = Array.from({ length: 200 }, (_, i) => `ten_${i % 7}/agt_${i}/user`)

const order = (
  workspace: string,
  states: Readonly<Record<string, RunnerState>> = {},
  warmAt?: string,
): readonly string[] =>
  preferenceOrder(RUNNERS, workspace, {
    stateOf: ({ keyId }) => states[keyId] ?? 'well',
    warmAt,
  }).map(({ keyId }) => keyId)

describe('the order in which runners are asked', () => {
  it('is the rendezvous order as long as nothing is known, and uses every runner', () => {
    const first = new Set<string | undefined>()
    for (const workspace of WORKSPACES) {
      const plain = runnerOrder(RUNNERS, workspace).map(({ keyId }) => keyId)
      expect(order(workspace)).toEqual(plain)
      first.add(plain[0])
    }
    expect(first.size).toBe(RUNNERS.length)
  })

  it('moves only the workspaces of a runner that is taken away', () => {
    const [lost, ...left] = RUNNERS
    for (const workspace of WORKSPACES) {
      const before = runnerOrder(RUNNERS, workspace)[0]
      const after = runnerOrder(left, workspace)[0]
      if (before?.keyId !== lost?.keyId) expect(after).toEqual(before)
    }
  })

  it('begins with the runner that was last told of the workspace, and leaves the rest as it is', () => {
    for (const workspace of WORKSPACES) {
      const plain = order(workspace)
      for (const warmAt of plain) {
        expect(order(workspace, {}, warmAt)).toEqual([
          warmAt,
          ...plain.filter((keyId) => keyId !== warmAt),
        ])
      }
    }
  })

  it('ignores a warm runner that is no longer in the list', () => {
    expect(order('w', {}, 'gone')).toEqual(order('w'))
  })

  it('puts a degraded runner behind well ones and a silent one last, warm or not, and leaves none out', () => {
    const states = { a: 'silent', b: 'degraded' } as const
    for (const workspace of WORKSPACES) {
      for (const warmAt of [undefined, 'a', 'b']) {
        const found = order(workspace, states, warmAt)
        expect(found.slice(2)).toEqual(['b', 'a'])
        expect([...found].sort()).toEqual(['a', 'b', 'c', 'd'])
      }
      expect(order(workspace, states, 'd').slice(0, 2)).toEqual(['d', 'c'])
    }
  })

  it('keeps the only runner, however it is', () => {
    const [only] = RUNNERS
    expect(wellFirst(RUNNERS.slice(0, 1), () => 'silent')).toEqual([only])
  })
})

describe('what is known of a runner', () => {
  it('is forgotten after 5 s, and at once when it is well again', () => {
    const states = createRunnerStates()
    expect(states.of('u', 0)).toBe('well')
    states.note('u', 'silent', 1_000)
    expect(states.of('u', 5_999)).toBe('silent')
    expect(states.of('v', 5_999)).toBe('well')
    expect(states.of('u', 6_000)).toBe('well')
    states.note('u', 'degraded', 7_000)
    expect(states.of('u', 7_001)).toBe('degraded')
    states.note('u', 'well', 7_002)
    expect(states.of('u', 7_003)).toBe('well')
  })
})
