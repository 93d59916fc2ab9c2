import { describe, expect, it } from 'vitest'
import {
  describeStop,
  type EmergencyStop,
  stopOfNetwork,
  stopOfRuns,
  stopOfTool,
} from '../../../src/domain/emergency-stop.ts'
import { userIdSchema } from '../../../src/domain/ids.ts'

const stop = (kind: EmergencyStop['kind'], tools: readonly string[] = []): EmergencyStop => ({
  id: `stp_${kind}`,
  kind,
  tools,
  reason: 'a leak is looked into',
  isPlatform: false,
  createdBy: userIdSchema.parse('olga'),
  createdAt: 1,
})

const EXEC = { name: 'exec', group: 'runtime', sendsOut: false }
const READ = { name: 'read_file', group: 'fs', sendsOut: false }
const FETCH = { name: 'web_fetch', group: 'web', sendsOut: true }
const REMOTE = { name: 'files__list', group: 'mcp', sendsOut: false }

describe('an emergency stop', () => {
  it('is none where none is in force', () => {
    expect([stopOfRuns([]), stopOfNetwork([]), stopOfTool([], FETCH)]).toEqual([null, null, null])
  })

  it('of the kind kill-all stops runs, the network and every tool', () => {
    const stops = [stop('kill-all')]
    expect(stopOfRuns(stops)).toBe(stops[0])
    expect(stopOfNetwork(stops)).toBe(stops[0])
    for (const tool of [EXEC, READ, FETCH, REMOTE]) expect(stopOfTool(stops, tool)).toBe(stops[0])
  })

  it('of the network leaves runs and what stays inside alone', () => {
    const stops = [stop('network')]
    expect(stopOfRuns(stops)).toBeNull()
    for (const tool of [FETCH, REMOTE]) expect(stopOfTool(stops, tool)).toBe(stops[0])
    for (const tool of [EXEC, READ]) expect(stopOfTool(stops, tool)).toBeNull()
  })

  it('of tools stops those that are named, by name, beginning or group, and no other', () => {
    const stopped = (entry: string) =>
      [EXEC, READ, FETCH].filter((tool) => stopOfTool([stop('tools', [entry])], tool) !== null)
    expect(stopped('exec')).toEqual([EXEC])
    expect(stopped('exe')).toEqual([])
    expect(stopped('group:fs')).toEqual([READ])
    expect(stopped('group:f')).toEqual([])
    expect(stopped('web_*')).toEqual([FETCH])
    expect(stopped('*')).toEqual([EXEC, READ, FETCH])
    expect(stopOfNetwork([stop('tools', ['web_fetch'])])).toBeNull()
  })

  it('is found behind one of another kind', () => {
    const stops = [stop('tools', ['exec']), stop('network')]
    expect(stopOfTool(stops, FETCH)?.kind).toBe('network')
    expect(stopOfTool(stops, EXEC)?.kind).toBe('tools')
    expect(stopOfTool(stops, READ)).toBeNull()
  })

  it('says what stands still, and why', () => {
    expect(describeStop(stop('kill-all'))).toBe(
      'An emergency stop is in force: nothing runs until it is released. Reason: a leak is looked into',
    )
  })
})
