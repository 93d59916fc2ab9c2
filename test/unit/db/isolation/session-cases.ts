/** The index of sessions, read and written in ways that meet a neighbour's rows of the same keys. */
import type { CasesOf, Repositories } from './cases.ts'
import { MEMBER, NOW, OWNER } from './world.ts'

const SESSION = 'agent:main:ws:direct:1'
const FOREIGN_SESSION = 'agent:main:ws:direct:9'
const ALL = { limit: 200, offset: 0 }

const sessionUpsert = (sessionKey: string) => ({
  tenantId: 'ten_a',
  sessionKey,
  agentKey: 'main',
  channel: 'ws',
  userId: MEMBER,
  model: 'm',
  provider: 'demo',
  messageCount: 4,
  inputTokens: 5,
  outputTokens: 6,
  updatedAt: NOW,
})

export const SESSION_CASES: CasesOf<Repositories['sessions']> = {
  listSessions: [
    (m, db, t) => m.listSessions(db, t, ALL),
    (m, db, t) => m.listSessions(db, t, { ...ALL, userId: OWNER }),
    (m, db, t) => m.listSessions(db, t, { ...ALL, agentKey: 'main', channel: 'ws' }),
    (m, db, t) => m.listSessions(db, t, { ...ALL, search: 'label' }),
    (m, db, t) => m.listSessions(db, t, { ...ALL, channel: 'ws' }),
    (m, db, t) =>
      m.listSessions(db, t, { ...ALL, before: { updatedAt: NOW, sessionKey: FOREIGN_SESSION } }),
    (m, db, t) =>
      m.listSessions(db, t, {
        ...ALL,
        userId: OWNER,
        agentKey: 'main',
        search: 'ws',
        before: { updatedAt: NOW, sessionKey: SESSION },
      }),
    (m, db, t) => m.listSessions(db, t, { ...ALL, agentKeys: ['main', 'elsewhere'] }),
  ],
  findSession: [
    (m, db, t) => m.findSession(db, t, SESSION),
    (m, db, t) => m.findSession(db, t, FOREIGN_SESSION),
  ],
  upsertSession: [
    (m, db, t) => m.upsertSession(db, t, sessionUpsert(SESSION)),
    (m, db, t) => m.upsertSession(db, t, sessionUpsert(FOREIGN_SESSION)),
  ],
  labelSession: [
    (m, db, t) => m.labelSession(db, t, SESSION, 'new'),
    (m, db, t) => m.labelSession(db, t, FOREIGN_SESSION, 'new'),
  ],
  deleteSession: [
    (m, db, t) => m.deleteSession(db, t, SESSION),
    (m, db, t) => m.deleteSession(db, t, FOREIGN_SESSION),
  ],
}
