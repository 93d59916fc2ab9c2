/** Talking with an agent. The session's object judges ownership before anything happens. */
import { z } from 'zod'
import { type RunId, runIdSchema } from '../domain/ids.ts'
import type { RunningRun } from '../domain/ports/tenant.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey, webSessionKey } from '../domain/session-key.ts'
import { defaultAgent, epochOf, findAgent, mayReach } from '../domain/tenant-snapshot.ts'
import { toWireMessage } from '../protocol/agent-event.ts'
import { runAnswer } from '../protocol/run-answer.ts'
import { parseTraceparent } from '../telemetry/trace.ts'
import { OPERATOR, VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { newConversationId } from './keyed-conversation.ts'
import { DEFERRED, operation } from './operation.ts'
import { openSession, sessionParams } from './session-params.ts'

/** A page of history, and the most that one answer holds. */
const HISTORY_PAGE = 50
const MAX_HISTORY_PAGE = 200
/** As much as a tenant may let through at most (`gateway.max_message_chars`). */
export const MAX_MESSAGE_CHARS = 1_000_000
/** Stands in brackets before the note: it must not be able to close them. */
const NOTE_LABEL = /^[\w .-]{1,100}$/

const sendResult = z.record(z.string(), z.unknown())

export const chatSend = operation({
  name: 'chat.send',
  summary: 'Sends a message; answers when the run it started has ended',
  access: OPERATOR,
  startsRun: true,
  params: z.object({
    message: z.string().min(1).max(MAX_MESSAGE_CHARS),
    agentId: z.string().max(100).nullish(),
    sessionKey: z.string().max(1_000).nullish(),
    stream: z.boolean().nullish(),
    media: z.unknown().optional(),
    idempotencyKey: z.string().min(1).max(200).nullish(),
    traceparent: z
      .string()
      .max(200)
      .nullish()
      .describe('W3C Trace Context: the trace that the run continues'),
  }),
  result: sendResult,
  run: async (context, params) => {
    const sessionKey =
      params.sessionKey ?? context.defaultSessionKey ?? (await newConversation(context, params))
    if (sessionKey === null) return err(notFound('agent'))
    const key = parseSessionKey(sessionKey)
    const { principal, services } = context
    const session = services.session(principal.tenantId, key.ok ? key.value.text : sessionKey)
    const receipt = await session.send({
      principal,
      sessionKey,
      message: params.message,
      epoch: epochOf(context.snapshot),
      replyTo: context.replyTo,
      ...(params.idempotencyKey ? { idempotencyKey: params.idempotencyKey } : {}),
      trace: {
        name: 'chat.send',
        receivedAt: services.now(),
        parent: parseTraceparent(params.traceparent ?? context.traceparent),
      },
    })
    if (!receipt.ok) return receipt
    switch (receipt.value.kind) {
      case 'started':
        return ok(DEFERRED)
      case 'injected':
        return ok({ injected: true, runId: receipt.value.runId })
      case 'finished':
        return runAnswer(receipt.value.runId, receipt.value.result)
    }
  },
})

/** A conversation nobody else can have named before; for a keyed message, that of its first try. */
async function newConversation(
  { snapshot, services, principal }: OperationContext,
  params: {
    readonly agentId?: string | null | undefined
    readonly idempotencyKey?: string | null | undefined
  },
): Promise<string | null> {
  const { agentId, idempotencyKey: key } = params
  const agent = agentId ? findAgent(snapshot, agentId) : defaultAgent(snapshot)
  if (!agent) return null
  const id = await newConversationId(services, principal, 'chat.send', key)
  return webSessionKey(agent.key, id)
}

const abortResult = z.object({
  ok: z.literal(true),
  aborted: z.boolean(),
  runIds: z.array(z.string()),
  notFound: z.boolean(),
})

export const chatAbort = operation({
  name: 'chat.abort',
  summary: 'Cancels the run of a session, or one run by its id',
  access: OPERATOR,
  params: z.object({ ...sessionParams, runId: z.string().max(100).nullish() }),
  result: abortResult,
  run: async (context, params) => {
    const runId = params.runId ? (params.runId as RunId) : undefined
    const named = params.sessionKey ?? params.key
    const runs = named === undefined ? await ownRuns(context) : []
    const byId = runId && runs.find((run) => run.runId === runId)
    const sessionKey =
      named ?? byId?.sessionKey ?? (runId === undefined ? context.defaultSessionKey : null)
    if (!sessionKey) return ok(nothingAborted())
    const opened = openSession(context, { sessionKey })
    if (!opened.ok && opened.error.code !== 'NOT_FOUND') return opened
    const aborted = opened.ok ? await opened.value.session.abort(context.principal, runId) : opened
    // Whether a foreign session exists is not told to those who may not see it.
    if (!aborted.ok) return isTenantAdmin(context.principal) ? aborted : ok(nothingAborted())
    const runIds = [...aborted.value]
    return ok({
      ok: true as const,
      aborted: runIds.length > 0,
      runIds,
      notFound: runIds.length === 0,
    })
  },
})

const nothingAborted = () => ({ ok: true as const, aborted: false, runIds: [], notFound: true })

const ownRuns = async (context: OperationContext): Promise<readonly RunningRun[]> =>
  (await reachedRuns(context)).filter(
    ({ userId }) => userId === context.principal.userId || isTenantAdmin(context.principal),
  )

const reachedRuns = async ({
  services,
  principal,
  snapshot,
}: OperationContext): Promise<readonly RunningRun[]> =>
  (await services.tenant(principal.tenantId).runningRuns()).filter(({ agentKey }) =>
    mayReach(principal, snapshot, agentKey),
  )

const stopResult = z.object({ ok: z.literal(true), runIds: z.array(z.string()) })

export const chatStop = operation({
  name: 'chat.stop',
  summary: 'Stops the run of one session',
  access: OPERATOR,
  params: z.object(sessionParams),
  result: stopResult,
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const stopped = await opened.value.session.abort(context.principal)
    return stopped.ok ? ok({ ok: true as const, runIds: [...stopped.value] }) : stopped
  },
})

export const chatStopAll = operation({
  name: 'chat.stopall',
  summary: "Stops all runs that the caller started; one session's, when it is named",
  access: OPERATOR,
  params: z.object(sessionParams),
  result: stopResult,
  run: async (context, params) => {
    const { principal, services } = context
    const named = params.sessionKey ?? params.key
    const key = named === undefined ? null : parseSessionKey(named)
    if (key && !key.ok) return err(refusal('INVALID_REQUEST', key.error))
    const only = key?.value.text
    const runs = (await reachedRuns(context)).filter(
      (run) => run.userId === principal.userId && (only === undefined || run.sessionKey === only),
    )
    const stopped = await Promise.all(
      runs.map((run) =>
        services.session(principal.tenantId, run.sessionKey).abort(principal, run.runId),
      ),
    )
    return ok({
      ok: true as const,
      runIds: stopped.flatMap((result) => (result.ok ? [...result.value] : [])),
    })
  },
})

const done = z.object({ ok: z.literal(true) })

/** Shared by `chat.reset` and `sessions.reset`. */
export async function resetSession(
  context: OperationContext,
  params: { sessionKey?: string | undefined; key?: string | undefined },
): Promise<Result<{ ok: true }, Refusal>> {
  const opened = openSession(context, params)
  if (!opened.ok) return opened
  const reset = await opened.value.session.reset(context.principal)
  return reset.ok ? ok({ ok: true }) : reset
}

export const chatReset = operation({
  name: 'chat.reset',
  summary: 'Empties a session: its transcript starts anew',
  access: OPERATOR,
  params: z.object(sessionParams),
  result: done,
  audit: ({ sessionKey, key }) => ({ session: sessionKey ?? key ?? '' }),
  run: resetSession,
})

export const chatInject = operation({
  name: 'chat.inject',
  summary: 'Adds a message to a session without starting a run',
  access: OPERATOR,
  // A running loop thinks of it at once: it costs what a message costs.
  startsRun: true,
  params: z.object({
    ...sessionParams,
    message: z.string().min(1).max(MAX_MESSAGE_CHARS),
    label: z.string().regex(NOTE_LABEL).nullish(),
  }),
  result: done,
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const injected = await opened.value.session.inject(
      context.principal,
      params.message,
      params.label ?? undefined,
    )
    return injected.ok ? ok({ ok: true as const }) : injected
  },
})

export const chatHistory = operation({
  name: 'chat.history',
  summary: "A page of a session's messages, oldest first",
  access: VIEWER,
  params: z.object({
    ...sessionParams,
    limit: z.coerce.number().int().min(1).max(MAX_HISTORY_PAGE).nullish(),
    before: z.coerce.number().int().positive().nullish(),
  }),
  result: z.object({
    messages: z.array(z.record(z.string(), z.unknown())),
    nextBefore: z.number().nullable(),
  }),
  http: { method: 'GET', path: '/v1/sessions/{sessionKey}/messages' },
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const page = { limit: params.limit ?? HISTORY_PAGE, before: params.before ?? null }
    const history = await opened.value.session.history(context.principal, page)
    if (!history.ok) return history
    const { messages, nextBefore } = history.value
    return ok({ messages: messages.map(toWireMessage), nextBefore })
  },
})

export const chatSessionStatus = operation({
  name: 'chat.session.status',
  summary: 'Whether a session has a run in progress',
  access: VIEWER,
  params: z.object(sessionParams),
  result: z.object({
    isRunning: z.boolean(),
    runId: runIdSchema.nullable(),
    activity: z.string().nullable(),
  }),
  run: async (context, params) => {
    const opened = openSession(context, params)
    if (!opened.ok) return opened
    const status = await opened.value.session.status(context.principal)
    if (!status.ok) return status
    const { isRunning, runId, activity } = status.value
    return ok({ isRunning, runId, activity })
  },
})
