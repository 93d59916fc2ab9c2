/** The tools of an agent, called by hand: under the same policy, gates and approvals as its model. */
import { z } from 'zod'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { isTerminal, type RunEvent, type TerminalRunEvent } from '../domain/run-event.ts'
import { parseSessionKey, webSessionKey } from '../domain/session-key.ts'
import { agentOfKey, defaultAgent, epochOf, findAgent } from '../domain/tenant-snapshot.ts'
import { readLines } from '../protocol/ndjson.ts'
import { runAnswer } from '../protocol/run-answer.ts'
import { OPERATOR, VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { newConversationId } from './keyed-conversation.ts'
import { DEFERRED, operation } from './operation.ts'

export const toolsList = operation({
  name: 'tools.list',
  summary: 'The tools of this gateway',
  access: VIEWER,
  params: z.object({}),
  result: z.object({
    tools: z.array(z.object({ name: z.string(), description: z.string(), group: z.string() })),
  }),
  http: { method: 'GET', path: '/v1/tools' },
  run: async ({ catalog }) => ok({ tools: [...catalog.tools] }),
})

const invokeParams = z.object({
  tool: z.string().min(1).max(128),
  args: z.record(z.string(), z.unknown()).default({}),
  sessionKey: z.string().max(1_000).nullish(),
  agentId: z.string().max(100).nullish(),
  /** Judges the call by the policy in force and does nothing. */
  dryRun: z.boolean().default(false),
  idempotencyKey: z.string().min(1).max(200).nullish(),
})
type InvokeParams = z.output<typeof invokeParams>

export const toolsInvoke = operation({
  name: 'tools.invoke',
  summary: 'Calls one tool of an agent, or only judges the call (dryRun)',
  access: OPERATOR,
  startsRun: ({ dryRun }: InvokeParams) => !dryRun,
  params: invokeParams,
  result: z.record(z.string(), z.unknown()),
  http: { method: 'POST', path: '/v1/tools/invoke' },
  run: async (context, params) => {
    const sessionKey = await sessionOf(context, params)
    if (!sessionKey.ok) return sessionKey
    return params.dryRun
      ? judge(context, params, sessionKey.value)
      : invoke(context, params, sessionKey.value)
  },
})

/** The session that is named, else a conversation of its own, which nobody else can have named. */
async function sessionOf(
  { snapshot, defaultSessionKey, services, principal }: OperationContext,
  params: InvokeParams,
): Promise<Result<string, Refusal>> {
  const named = params.sessionKey ?? (params.agentId ? null : defaultSessionKey)
  if (named) {
    const key = parseSessionKey(named)
    if (!key.ok) return err(refusal('INVALID_REQUEST', key.error))
    const { text, agentKey } = key.value
    const isOther = params.agentId && findAgent(snapshot, params.agentId)?.key !== agentKey
    return isOther
      ? err(refusal('INVALID_REQUEST', 'sessionKey belongs to another agent than agentId'))
      : ok(text)
  }
  const agent = params.agentId ? findAgent(snapshot, params.agentId) : defaultAgent(snapshot)
  if (!agent) return err(notFound('agent'))
  const { idempotencyKey: key } = params
  const id = await newConversationId(services, principal, 'tools.invoke', key)
  return ok(webSessionKey(agent.key, id))
}

function judge(
  { snapshot, catalog, principal }: OperationContext,
  { tool, args }: InvokeParams,
  sessionKey: string,
): Result<Record<string, unknown>, Refusal> {
  const key = parseSessionKey(sessionKey)
  const agent = key.ok ? agentOfKey(snapshot, key.value.agentKey) : undefined
  if (agent?.status !== 'active') return err(notFound('agent'))
  const session = { principal, channel: key.ok ? key.value.channel : '' }
  return ok({ tool, dryRun: true, ...catalog.judgeCall({ tool, args }, snapshot, agent, session) })
}

async function invoke(
  context: OperationContext,
  { tool, args, idempotencyKey }: InvokeParams,
  sessionKey: string,
): Promise<Result<Record<string, unknown> | typeof DEFERRED, Refusal>> {
  const { principal, services, snapshot, replyTo } = context
  const request = {
    principal,
    sessionKey,
    // What the conversation remembers of it: the caller's words, judged as such.
    message: `[call of ${tool} by hand] ${canonicalJson(args)}`,
    invocation: { tool, args },
    epoch: epochOf(snapshot),
    replyTo,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  }
  const session = services.session(principal.tenantId, sessionKey)
  if (replyTo.kind !== 'none') {
    const receipt = await session.send(request)
    if (!receipt.ok) return receipt
    return receipt.value.kind === 'finished'
      ? runAnswer(receipt.value.runId, receipt.value.result)
      : ok(DEFERRED)
  }
  const started = await session.converse(request)
  if (!started.ok) return started
  const { runId, events } = started.value
  const { result, end } = await outcomeOf(events)
  // Told again long after: of the call's own events nothing is left but its content.
  if (result === null && end?.type === 'run.completed') {
    return ok({ tool, result: end.content, run_id: runId, session_key: sessionKey })
  }
  if (result === null) {
    const failed = end?.type === 'run.failed' ? end : null
    return failed
      ? runAnswer(runId, { kind: 'failed', code: failed.code, error: failed.error })
      : err(refusal('UNAVAILABLE', `the run ${runId} ended before the call was made`))
  }
  return ok({
    tool,
    result: result.result,
    is_error: result.isError,
    run_id: runId,
    session_key: sessionKey,
  })
}

type ToolResultEvent = Extract<RunEvent, { type: 'tool.result' }>

async function outcomeOf(
  events: ReadableStream<Uint8Array>,
): Promise<{ result: ToolResultEvent | null; end: TerminalRunEvent | null }> {
  let result: ToolResultEvent | null = null
  for await (const line of readLines(events)) {
    const event = JSON.parse(line) as RunEvent
    if (event.type === 'tool.result') result = event
    if (isTerminal(event)) return { result, end: event }
  }
  return { result, end: null }
}
