/** Lists of a tenant's people and conversations: whose they are, and who sees them. */
import { describe, expect, it } from 'vitest'
import { upsertSession } from '../../../src/db/sessions.ts'
import { bearer, NOW, newKey, newTenant, openWorld, TOKEN, user } from '../gateway/world.ts'
import { asked, type Caller, call } from './control.ts'

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { ada: 'admin', anna: 'operator', otto: 'operator' })
  const other = await newTenant(world)
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  for (const userId of ['anna', 'otto']) {
    await upsertSession(world.db, tenant, {
      sessionKey: `agent:default:ws:direct:${userId}`,
      agentKey: 'default',
      channel: 'ws',
      userId: user(userId),
      model: null,
      provider: null,
      messageCount: 1,
      inputTokens: 0,
      outputTokens: 0,
      updatedAt: NOW,
    })
  }
  return { world, tenant, other, person }
}

describe('sessions.list', () => {
  it('holds one’s own, and for an admin the tenant’s', async () => {
    const { world, person } = await open()
    const keysOf = async (who: string) => {
      const { sessions } = await asked(world, person(who), 'sessions.list')
      return (sessions as { key: string }[]).map(({ key }) => key.split(':').at(-1)).toSorted()
    }
    expect(await keysOf('anna')).toEqual(['anna'])
    expect(await keysOf('ada')).toEqual(['anna', 'otto'])
  })
})

describe('cron.list and cron.status', () => {
  it('hold one’s own schedules, and for an admin the tenant’s', async () => {
    const { world, person } = await open()
    for (const who of ['anna', 'otto']) {
      const job = { name: who, when: '0 0 1 1 *', message: 'hello' }
      await asked(world, person(who), 'cron.create', job)
    }
    const namesOf = async (who: string) => {
      const { jobs } = await asked(world, person(who), 'cron.list')
      return (jobs as { name: string }[]).map(({ name }) => name).toSorted()
    }
    expect(await namesOf('anna')).toEqual(['anna'])
    expect(await namesOf('ada')).toEqual(['anna', 'otto'])
    const statusOf = (who: string) => asked(world, person(who), 'cron.status')
    expect(await statusOf('anna')).toMatchObject({ jobs: 1 })
    expect(await statusOf('ada')).toMatchObject({ jobs: 2 })
  })
})

describe('tenants.users.list', () => {
  it('is of the owner’s own tenant, and of any for the platform’s operator', async () => {
    const { world, tenant, other, person } = await open()
    const platform: Caller = { credential: bearer(TOKEN) }
    const of = async (who: Caller, tenant_id: string) => {
      const answer = await call(world, who, 'tenants.users.list', { tenant_id })
      return answer.ok ? 'ok' : answer.error.code
    }
    expect(await of(person('olga'), tenant)).toBe('ok')
    for (const asked of [other, 'ten_of_nobody']) {
      expect(await of(person('olga'), asked), asked).toBe('NOT_FOUND')
    }
    expect(await of(platform, other)).toBe('ok')
    expect(await of(platform, 'ten_ofnobody0000000000ab')).toBe('NOT_FOUND')
  })
})

describe('estop.set', () => {
  it('bounds how many stops of one kind a tenant holds; the operator’s own always count', async () => {
    const { world, tenant } = await open()
    const { credential } = await newKey(world, tenant, {
      ownerId: 'ada',
      scopes: ['operator.admin'],
    })
    const admin: Caller = { credential }
    const stop = async (who: Caller, params = {}) => {
      const answer = await call(world, who, 'estop.set', {
        kind: 'network',
        reason: 'why',
        ...params,
      })
      return answer.ok ? 'ok' : answer.error.code
    }
    const answers: string[] = []
    for (let n = 0; n < 40 && answers.at(-1) !== 'RESOURCE_EXHAUSTED'; n++)
      answers.push(await stop(admin))
    expect(answers.at(-1)).toBe('RESOURCE_EXHAUSTED')
    expect(answers.length).toBeGreaterThan(2)
    expect(await stop({ credential: bearer(TOKEN) }, { tenant_id: tenant })).toBe('ok')
  })
})
