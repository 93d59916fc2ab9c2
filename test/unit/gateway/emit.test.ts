import { describe, expect, it } from 'vitest'
import { securityEvent } from '../../../src/domain/security-event.ts'
import { createReporter, reportAnonymously } from '../../../src/gateway/emit.ts'
import { newTenant, openWorld, useQuietLog } from './world.ts'

const lines = useQuietLog()

describe('createReporter', () => {
  it('tells the log at once, and the tenant in the background', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const sessionKey = 'agent:main:ws:direct:c1'
    const report = createReporter(world.services, { tenantId, userId: 'ada', sessionKey })
    report(securityEvent('tool_denied', { tool: 'exec' }))
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'warn',
        event: 'security.tool_denied',
        tenantId,
        userId: 'ada',
        session: sessionKey,
        tool: 'exec',
      },
    ])
    await world.settled()
    expect(world.events.map(({ name }) => name)).toEqual(['tool_denied'])
  })
})

describe('reportAnonymously', () => {
  it('writes to no tenant: nobody is known yet', () => {
    reportAnonymously(securityEvent('auth_failed', { client_address: '203.0.113.7' }))
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      event: 'security.auth_failed',
      client_address: '203.0.113.7',
    })
  })
})
