import { describe, expect, it } from 'vitest'
import { openStops } from '../../../src/cli/start/stops.ts'

describe('openStops', () => {
  it('stops what was started before and after the signal, and the last at last', async () => {
    const stops = openStops()
    const stopped: string[] = []
    const started = Promise.withResolvers<void>()
    stops.atLast(() => stopped.push('folder'))
    stops.add(async () => void stopped.push('runner'))
    const done = stops.runAll(started.promise)
    stops.add(async () => void stopped.push('gateway'))
    started.resolve()
    await done
    expect(stopped).toEqual(['runner', 'gateway', 'folder'])
  })

  it('goes on when one stop fails or the start itself failed', async () => {
    const stops = openStops()
    const stopped: string[] = []
    stops.atLast(() => stopped.push('folder'))
    stops.add(() => Promise.reject(new Error('stuck')))
    stops.add(async () => void stopped.push('gateway'))
    await stops.runAll(Promise.reject(new Error('no start')))
    expect(stopped).toEqual(['gateway', 'folder'])
  })

  it('stops nothing twice', async () => {
    const stops = openStops()
    let count = 0
    stops.add(async () => void count++)
    await stops.runAll(Promise.resolve())
    await stops.runAll(Promise.resolve())
    expect(count).toBe(1)
  })
})
