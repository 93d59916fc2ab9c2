import { describe, expect, it } from 'vitest'
import { type RunId, runIdSchema } from '../../../../src/domain/ids.ts'
import type { ResumeFrom } from '../../../../src/domain/ports/session.ts'
import { sendMissed } from '../../../../src/objects/session/replay.ts'
import { openSessionStores, type SessionStores } from '../../../support/session-stores.ts'
import { AGENT, type Frame, KEY, NOW, principal, TENANT } from './world.ts'

const ENDED = runIdSchema.parse('run_1')
const GOING = runIdSchema.parse('run_2')
const META = {
  tenantId: TENANT,
  sessionKey: KEY,
  agentKey: 'main',
  channel: 'ws',
  owner: principal('ada').userId,
  createdAt: NOW,
  label: null,
  model: AGENT.model,
  provider: AGENT.provider,
}

const begin = ({ runs, events }: SessionStores, id: RunId): void => {
  const options = { callerInstructions: '', sampling: {} }
  runs.create({ id, principal: principal('ada'), options, firstMessageId: 1, now: NOW })
  events.append(id, { type: 'run.started', message: 'hello' }, NOW)
}

const end = ({ runs, events }: SessionStores, id: RunId): void => {
  runs.finish(id, { kind: 'cancelled' }, NOW)
  events.append(id, { type: 'run.cancelled' }, NOW)
}

/** The frames in the order in which they are sent, and who follows afterwards. */
function missed({ events, runs }: SessionStores, from: ResumeFrom) {
  const sent: Frame[] = []
  const followers: string[] = []
  const listeners = {
    fanOut: { flush: () => undefined, follow: (id: string) => followers.push(id) },
    reply: (_: unknown, frame: (id: string) => string) =>
      void sent.push(JSON.parse(frame('1')) as Frame),
  }
  const replyTo = { kind: 'connection', connectionId: 'conn', requestId: '1' } as const
  sendMissed({ events, runs, listeners }, META, from, replyTo)
  return { sent, followers }
}

describe('what is sent of the run in progress alone', () => {
  it('begins with its start and leaves out the runs before it', () => {
    const stores = openSessionStores()
    begin(stores, ENDED)
    end(stores, ENDED)
    begin(stores, GOING)
    stores.events.append(GOING, { type: 'chunk', content: 'half an ans' }, NOW)
    const { sent, followers } = missed(stores, 'running')
    expect(sent.map(({ seq }) => seq)).toEqual([3, 4, undefined])
    expect(sent.at(-1)).toMatchObject({ payload: { replayed: 2, lastSeq: 4 } })
    expect(followers).toEqual(['conn'])
  })

  it('is nothing where none is in progress, and says from where to go on', () => {
    const stores = openSessionStores()
    begin(stores, ENDED)
    end(stores, ENDED)
    const { sent, followers } = missed(stores, 'running')
    expect(sent).toMatchObject([{ payload: { replayed: 0, lastSeq: 2 } }])
    expect(followers).toEqual(['conn'])
  })

  it('is no more than what came after a number that is named instead', () => {
    const stores = openSessionStores()
    begin(stores, ENDED)
    end(stores, ENDED)
    begin(stores, GOING)
    expect(missed(stores, 1).sent.map(({ seq }) => seq)).toEqual([2, 3, undefined])
  })
})
