import { describe, expect, it } from 'vitest'
import { createRunnerTrouble } from '../../../src/gateway/runner-trouble.ts'
import { NOW, useQuietLog } from './world.ts'

const lines = useQuietLog()
const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

describe('createRunnerTrouble', () => {
  it('writes one line a runner, code and minute, with the number that was left out', () => {
    let now = NOW
    const tell = createRunnerTrouble(() => now)
    for (let i = 0; i < 30; i++) tell('runner-1', 'UNAUTHENTICATED')
    tell('runner-1', 'CONNECTION')
    tell('runner-2', 'UNAUTHENTICATED')
    const line = { level: 'warn', event: 'runner.trouble' }
    expect(events()).toEqual([
      { ...line, runner: 'runner-1', code: 'UNAUTHENTICATED' },
      { ...line, runner: 'runner-1', code: 'CONNECTION' },
      { ...line, runner: 'runner-2', code: 'UNAUTHENTICATED' },
    ])
    now += 60_000
    tell('runner-1', 'UNAUTHENTICATED')
    expect(events().at(-1)).toEqual({
      ...line,
      runner: 'runner-1',
      code: 'UNAUTHENTICATED',
      repeated: 29,
    })
  })
})
