/** Whose runs somebody may end, and what they are told of those of others. */
import { describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../src/domain/ids.ts'
import type { SessionPort } from '../../../src/domain/ports/session.ts'
import type { RunningRun } from '../../../src/domain/ports/tenant.ts'
import { refusal } from '../../../src/domain/refusal.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { bearer, newTenant, openWorld, TOKEN, user } from '../gateway/world.ts'
import { asked, type Caller, call } from './control.ts'

const running = (userId: string): RunningRun => ({
  runId: runIdSchema.parse(`run_${userId}`),
  sessionKey: `agent:default:ws:direct:${userId}`,
  agentKey: 'default',
  userId: user(userId),
})

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { ada: 'admin', otto: 'operator', anna: 'operator' })
  const runs = [running('anna'), running('otto')]
  const aborted: string[] = []
  const reached: string[] = []
  const services = {
    ...world.services,
    tenant: (id: typeof tenant) => ({
      ...world.services.tenant(id),
      runningRuns: async () => runs,
    }),
    session: (_: unknown, key: string) => {
      reached.push(key)
      return {
        // The session's own check, which lets nobody end what is another's.
        abort: async (principal) => {
          const run = runs.find(({ sessionKey }) => sessionKey === key)
          if (!run || (run.userId !== principal.userId && principal.role === 'operator'))
            return err(refusal('UNAUTHORIZED', 'not yours'))
          aborted.push(`${principal.userId} ${run.runId}`)
          return ok([run.runId])
        },
      } as SessionPort
    },
  }
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  return { world: { ...world, services }, person, aborted, reached }
}

describe('chat.abort', () => {
  it('ends one’s own run by its id, and for an admin anybody’s', async () => {
    const { world, person, aborted } = await open()
    for (const who of ['anna', 'ada']) {
      expect(await asked(world, person(who), 'chat.abort', { runId: 'run_anna' })).toMatchObject({
        aborted: true,
        runIds: ['run_anna'],
      })
    }
    expect(aborted).toEqual(['anna run_anna', 'ada run_anna'])
  })

  it('knows no run of somebody else’s, by its id or by its session', async () => {
    const { world, person, aborted } = await open()
    const nothing = { ok: true, aborted: false, runIds: [], notFound: true }
    for (const params of [
      { runId: 'run_anna' },
      { runId: 'run_of_nobody' },
      { sessionKey: 'agent:default:ws:direct:anna' },
      { sessionKey: 'agent:default:ws:direct:nobody' },
    ]) {
      expect(await asked(world, person('otto'), 'chat.abort', params)).toEqual(nothing)
    }
    expect(aborted).toEqual([])
  })

  it('asks no conversation of somebody else’s for a run that is not the caller’s', async () => {
    const { world, person, reached } = await open()
    await asked(world, person('otto'), 'chat.abort', { runId: 'run_anna' })
    expect(reached).toEqual([])
  })

  it('tells an admin what stands against it', async () => {
    const { world, person } = await open()
    const params = { sessionKey: 'agent:default:ws:direct:nobody' }
    expect(await call(world, person('ada'), 'chat.abort', params)).toMatchObject({ ok: false })
  })
})

describe('chat.stopall', () => {
  it('ends what the caller began, and nothing else, for an admin too', async () => {
    const { world, person, aborted } = await open()
    expect(await asked(world, person('anna'), 'chat.stopall')).toMatchObject({
      runIds: ['run_anna'],
    })
    expect(await asked(world, person('ada'), 'chat.stopall')).toMatchObject({ runIds: [] })
    expect(aborted).toEqual(['anna run_anna'])
  })
})
