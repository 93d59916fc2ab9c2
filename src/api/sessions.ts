/** The sessions a caller may see: their own, and for admins all of the tenant. */
import { z } from 'zod'
import { listSessions, MAX_SESSION_PAGE } from '../db/sessions.ts'
import { runIdSchema } from '../domain/ids.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { reachedAgentKeys } from '../domain/tenant-snapshot.ts'
import { toWireMessage } from '../protocol/agent-event.ts'
import { OPERATOR, VIEWER } from './access.ts'
import { resetSession } from './chat.ts'
import { DEFERRED, operation } from './operation.ts'
import { openSession, sessionParams } from './session-params.ts'
import { ofUser } from './user-filter.ts'

const sessionRow = z.object({
  key: z.string(),
  messageCount: z.number(),
  created: z.string(),
  updated: z.string(),
  label: z.string().optional(),
  channel: z.string().optional(),
  /** `web`, `main`, `channel`, or who began it: `subagent`, `cron`. */
  kind: z.string().optional(),
  userID: z.string().optional(),
  model: z.string().optional(),
  provider: z.string().optional(),
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
})

const kindOf = (sessionKey: string): { readonly kind?: string } => {
  const key = parseSessionKey(sessionKey)
  return key.ok ? { kind: key.value.kind } : {}
}

export const sessionsList = operation({
  name: 'sessions.list',
  summary: 'Sessions, newest first',
  access: VIEWER,
  params: z.object({
    agentId: z.string().max(100).nullish(),
    channel: z.string().max(64).nullish(),
    search: z.string().max(200).nullish().describe('Part of the label or the key'),
    userId: z.string().max(255).nullish().describe('Of one person alone; of others for admins'),
    cursor: z.string().max(500).nullish().describe('`next` of the page before, instead of offset'),
    limit: z.coerce.number().int().min(1).max(MAX_SESSION_PAGE).default(20),
    offset: z.coerce.number().int().min(0).default(0),
  }),
  result: z.object({
    sessions: z.array(sessionRow),
    total: z.number(),
    limit: z.number(),
    offset: z.number(),
    /** `cursor` of the next page; null at the end. */
    next: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/sessions' },
  run: async ({ principal, services, snapshot }, params) => {
    const { agentId, channel, search, userId, cursor, limit, offset } = params
    const isAdmin = isTenantAdmin(principal)
    if (userId && userId !== principal.userId && !isAdmin)
      return err(refusal('UNAUTHORIZED', 'sessions of others are for admins to see'))
    const before = cursor ? readCursor(cursor) : undefined
    if (before === null) return err(refusal('INVALID_REQUEST', 'the cursor is none of ours'))
    const wanted = isAdmin ? ofUser(userId) : { userId: principal.userId }
    if (wanted === 'nobody') return ok({ sessions: [], total: 0, limit, offset, next: null })
    const agentKey = agentId && (snapshot.agents.find(({ id }) => id === agentId)?.key ?? agentId)
    const page = await listSessions(services.database(principal.tenantId), principal.tenantId, {
      ...wanted,
      ...(agentKey ? { agentKey } : {}),
      ...reachedAgentKeys(principal, snapshot),
      ...(channel ? { channel } : {}),
      ...(search ? { search } : {}),
      ...(before ? { before } : {}),
      limit,
      offset: before ? 0 : offset,
    })
    const sessions = page.sessions.map((row) => ({
      key: row.sessionKey,
      messageCount: row.messageCount,
      created: new Date(row.createdAt).toISOString(),
      updated: new Date(row.updatedAt).toISOString(),
      ...(row.label === null ? {} : { label: row.label }),
      channel: row.channel,
      ...kindOf(row.sessionKey),
      userID: row.userId,
      ...(row.model === null ? {} : { model: row.model }),
      ...(row.provider === null ? {} : { provider: row.provider }),
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
    }))
    const isEnd =
      page.sessions.length < limit || (!before && offset + page.sessions.length >= page.total)
    const last = isEnd ? undefined : page.sessions.at(-1)
    const next = last ? `${last.updatedAt}:${last.sessionKey}` : null
    return ok({ sessions, total: page.total, limit, offset, next })
  },
})

/** A moment and a key, which has colons of its own. */
function readCursor(text: string): { updatedAt: number; sessionKey: string } | null {
  const colon = text.indexOf(':')
  const updatedAt = Number(text.slice(0, Math.max(0, colon)) || Number.NaN)
  if (!Number.isSafeInteger(updatedAt) || updatedAt < 0) return null
  return { updatedAt, sessionKey: text.slice(colon + 1) }
}

export const sessionsPreview = operation({
  name: 'sessions.preview',
  summary: "A session's last messages",
  access: VIEWER,
  params: z.object(sessionParams),
  result: z.object({
    key: z.string(),
    messages: z.array(z.record(z.string(), z.unknown())),
    summary: z.string(),
  }),
  http: { method: 'GET', path: '/v1/sessions/{sessionKey}' },
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const preview = await opened.value.session.preview(context.principal)
    if (!preview.ok) return preview
    const { sessionKey, messages, label } = preview.value
    return ok({ key: sessionKey, messages: messages.map(toWireMessage), summary: label ?? '' })
  },
})

const changed = z.object({ ok: z.literal(true), key: z.string() })

export const sessionsPatch = operation({
  name: 'sessions.patch',
  summary: 'Changes the label of a session',
  access: OPERATOR,
  params: z.object({ ...sessionParams, label: z.string().max(200).nullish() }),
  result: changed,
  http: { method: 'PATCH', path: '/v1/sessions/{sessionKey}' },
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const { key, session } = opened.value
    const patched = await session.patch(
      context.principal,
      params.label ? { label: params.label } : {},
    )
    if (!patched.ok) return patched
    return ok({ ok: true as const, key: key.text })
  },
})

export const sessionsDelete = operation({
  name: 'sessions.delete',
  summary: 'Deletes a session with its transcript',
  access: OPERATOR,
  params: z.object(sessionParams),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/sessions/{sessionKey}' },
  audit: ({ sessionKey, key }) => ({ session: sessionKey ?? key ?? '' }),
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const removed = await opened.value.session.remove(context.principal)
    return removed.ok ? ok({ ok: true as const }) : removed
  },
})

export const sessionsReset = operation({
  name: 'sessions.reset',
  summary: 'Empties a session: its transcript starts anew',
  access: OPERATOR,
  params: z.object(sessionParams),
  result: z.object({ ok: z.literal(true) }),
  audit: ({ sessionKey, key }) => ({ session: sessionKey ?? key ?? '' }),
  run: resetSession,
})

export const sessionsCompact = operation({
  name: 'sessions.compact',
  summary: 'Summarises the older turns of a session for its model; the history stays as it is',
  access: OPERATOR,
  // It asks the model.
  startsRun: true,
  params: z.object(sessionParams),
  result: z.object({ ok: z.literal(true), runId: runIdSchema }),
  http: { method: 'POST', path: '/v1/sessions/{sessionKey}/compact' },
  audit: ({ sessionKey, key }) => ({ session: sessionKey ?? key ?? '' }),
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const begun = await opened.value.session.compact(context.principal)
    return begun.ok ? ok({ ok: true as const, runId: begun.value }) : begun
  },
})

export const sessionsResume = operation({
  name: 'sessions.resume',
  summary: 'Events of a session after the last seq that the client saw',
  access: VIEWER,
  params: z.object({
    ...sessionParams,
    afterSeq: z.coerce.number().int().min(0).default(0),
    onlyRunning: z
      .boolean()
      .nullish()
      .describe(
        'Of the run in progress alone, from its start: for whoever reads chat.history beside it',
      ),
  }),
  result: z.record(z.string(), z.unknown()),
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const { principal, replyTo } = context
    const from = params.onlyRunning ? 'running' : params.afterSeq
    const resumed = await opened.value.session.resume(principal, from, replyTo)
    return resumed.ok ? ok(DEFERRED) : resumed
  },
})
