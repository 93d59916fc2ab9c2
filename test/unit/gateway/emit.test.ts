import { describe, expect, it } from 'vitest'
import { securityEvent } from '../../../src/domain/security-event.ts'
import { createAnonymousReporter, createReporter } from '../../../src/gateway/emit.ts'
import { NOW, newTenant, openWorld, useQuietLog } from './world.ts'

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

describe('createAnonymousReporter', () => {
  const failed = (client_address: string) => securityEvent('auth_failed', { client_address })
  const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

  it('writes to no tenant: nobody is known yet', () => {
    createAnonymousReporter(() => NOW)(failed('203.0.113.7'))
    expect(events()).toEqual([
      { level: 'warn', event: 'security.auth_failed', client_address: '203.0.113.7' },
    ])
  })

  it("counts an address's equal events per minute instead of writing each", () => {
    let now = NOW
    const report = createAnonymousReporter(() => now)
    for (let i = 0; i < 25; i++) report(failed('203.0.113.7'))
    report(securityEvent('cors_rejected', { client_address: '203.0.113.7' }))
    expect(events()).toHaveLength(11)
    now += 60_000
    report(failed('203.0.113.7'))
    expect(events().at(-1)).toMatchObject({ event: 'security.auth_failed', repeated: 15 })
  })

  it('stays bounded under a flood from ten thousand addresses, and tells how many there were', () => {
    let now = NOW
    const report = createAnonymousReporter(() => now)
    for (let i = 0; i < 10_000; i++) report(failed(`address-${i}`))
    expect(events()).toHaveLength(100)
    now += 60_000
    report(failed('203.0.113.7'))
    expect(events().at(-1)).toMatchObject({ client_address: '203.0.113.7', others: 9_900 })
  })

  it("keeps an address's count until a line of it is written", () => {
    let now = NOW
    const report = createAnonymousReporter(() => now)
    for (let i = 0; i < 25; i++) report(failed('203.0.113.7'))
    now += 60_000
    for (let i = 0; i < 100; i++) report(failed(`address-${i}`))
    // The minute's lines are used up: this one is counted with the rest, and so are the fifteen.
    report(failed('203.0.113.7'))
    now += 60_000
    report(failed('203.0.113.7'))
    expect(events().at(-1)).toMatchObject({ repeated: 15, others: 1 })
  })

  it('tells what was counted of an address that it has forgotten since', () => {
    let now = NOW
    const report = createAnonymousReporter(() => now)
    for (let i = 0; i < 25; i++) report(failed('203.0.113.7'))
    for (let i = 0; i < 1_000; i++) report(failed(`address-${i}`))
    now += 60_000
    report(failed('198.51.100.1'))
    // 90 of the thousand found a line.
    expect(events().at(-1)).toMatchObject({ others: 15 + 910 })
  })
})
