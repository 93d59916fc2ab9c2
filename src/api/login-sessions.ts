/** Sessions of people who signed in at the gateway's page: their own for everybody, all for admins. */
import { z } from 'zod'
import { switchOffJobsOfCredential } from '../db/cron-jobs.ts'
import {
  findLogin,
  type LoginSessionRow,
  listLoginSessions,
  revokeLoginSession,
} from '../db/login-sessions.ts'
import { actsForTenant, type Principal } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { isOfSomebodyAbove } from './key-grantee.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'

const sessionRow = z.object({
  id: z.string(),
  user_id: z.string(),
  role: z.string(),
  issuer_id: z.string(),
  address: z.string(),
  user_agent: z.string(),
  is_current: z.boolean(),
  expires_at: z.string(),
  created_at: z.string(),
})

const rowOf = (row: LoginSessionRow, { credential }: Principal): z.infer<typeof sessionRow> => ({
  id: row.id,
  user_id: row.userId,
  role: row.role,
  issuer_id: row.issuerId,
  address: row.address,
  user_agent: row.userAgent,
  is_current: credential.kind === 'login' && credential.id === row.id,
  expires_at: new Date(row.expiresAt).toISOString(),
  created_at: new Date(row.createdAt).toISOString(),
})

export const loginSessionsList = operation({
  name: 'login.sessions.list',
  summary: 'Who is signed in: oneself, or for admins everybody',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ sessions: z.array(sessionRow) }),
  http: { method: 'GET', path: '/v1/login-sessions' },
  run: async ({ services, principal }) => {
    const { tenantId, userId } = principal
    const onlyOf = actsForTenant(principal) ? null : userId
    const db = services.database(tenantId)
    const rows = await listLoginSessions(db, tenantId, onlyOf, services.now())
    return ok({ sessions: rows.map((row) => rowOf(row, principal)) })
  },
})

const ABOVE = refusal('UNAUTHORIZED', 'nobody ends the session of a person above themselves')

async function revoke(
  { services, principal }: Pick<OperationContext, 'services' | 'principal'>,
  id: string,
): Promise<Result<null, Refusal>> {
  const { tenantId, userId } = principal
  const db = services.database(tenantId)
  const onlyOf = actsForTenant(principal) ? null : userId
  const known = await findLogin(db, tenantId, id)
  // Looked for first: a name that is none must not make every credential of the tenant be read anew.
  if (!known || (onlyOf !== null && known.userId !== onlyOf)) return err(notFound('login session'))
  if (await isOfSomebodyAbove({ services, principal }, tenantId, known.userId)) return err(ABOVE)
  const revoked = await changeTenant(services, tenantId, () =>
    revokeLoginSession(db, tenantId, id, onlyOf, services.now()),
  )
  return revoked.ok ? ok(null) : err(notFound('login session'))
}

export const loginSessionsRevoke = operation({
  name: 'login.sessions.revoke',
  summary: 'Ends a session: its requests, sockets and runs end',
  access: VIEWER,
  audit: ({ id }) => ({ id }),
  params: z.object({ id: z.string().max(100) }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/login-sessions/{id}' },
  run: async (context, { id }) => {
    const revoked = await revoke(context, id)
    if (!revoked.ok) return revoked
    // Who signs out keeps their schedules; a session that is shut out takes with it what it set up.
    const { services, principal } = context
    const db = services.database(principal.tenantId)
    const reason = 'the login that made the job was revoked'
    await switchOffJobsOfCredential(db, principal.tenantId, id, reason, services.now())
    return ok({ ok: true as const, id })
  },
})

export const loginLogout = operation({
  name: 'login.logout',
  summary: 'Ends the session that asks',
  access: VIEWER,
  audit: () => ({}),
  params: z.object({}),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'POST', path: '/v1/login-sessions/logout' },
  run: async (context) => {
    const { kind, id } = context.principal.credential
    if (kind !== 'login') {
      return err(refusal('FAILED_PRECONDITION', 'only who signed in can sign out'))
    }
    await revoke(context, id)
    return ok({ ok: true as const })
  },
})
