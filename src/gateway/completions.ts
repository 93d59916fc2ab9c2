/**
 * OpenAI's door. A completion that names no session and whose agent has no tools is stateless: no
 * session, nothing journalled, the limiter and the tenant asked side by side. Any other is a
 * journalled run of a session, told in OpenAI's words.
 */

import { OPERATOR, VIEWER } from '../api/access.ts'
import { keyedConversationId } from '../api/keyed-conversation.ts'
import { newId } from '../crypto/random.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { Sampling } from '../domain/ports/session.ts'
import { coversScope, type Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import {
  type ChatCompletionRequest,
  type CompletionIdentity,
  chatCompletionRequestSchema,
  parseConversation,
} from '../protocol/openai.ts'
import { authorize } from '../transport/authorize.ts'
import { parseIdempotencyKey } from '../transport/idempotency.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { type Authenticated, authenticate, peekGrant } from './authenticate.ts'
import type { Completion } from './completion.ts'
import { answerJournalled } from './completions-journalled.ts'
import { answerStateless } from './completions-stateless.ts'
import { takeRunTokens } from './dispatch.ts'
import { type AppContext, enter, ownHeader, readJson, turnAway } from './door.ts'
import { peekSnapshot } from './freshness.ts'
import { jsonResponse, refusalResponse } from './http-response.ts'
import { claimRequest } from './idempotency.ts'
import { callerOf, offeredTools } from './tool-settings.ts'
import { httpStatusOf } from './wire.ts'

const COMPLETIONS = { name: 'chat.completions', access: OPERATOR }
const MODELS = { name: 'models', access: VIEWER }

export async function completions(c: AppContext): Promise<Response> {
  const { admitted: door } = c.get('door')
  const idempotencyKey = parseIdempotencyKey(c.req.header('idempotency-key') ?? null)
  if (!idempotencyKey.ok) return turnAway(c, idempotencyKey.error)
  // Nobody without a credential has a body buffered for them.
  if (door.credential.kind === 'none' && !door.isDevelopment) {
    return turnAway(c, { kind: 'credential_missing' })
  }
  // Size before rate: an oversize body costs its sender no token.
  const body = await readJson(c.req.raw)
  if (!body.ok) return turnAway(c, body.error)
  const admitted = await authenticateForRun(c)
  if (!admitted.ok) return turnAway(c, admitted.error.refused, admitted.error.principal)
  const parsed = chatCompletionRequestSchema.safeParse(body.value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(
      refusal('INVALID_REQUEST', `${issue?.path.map(String).join('.')}: ${issue?.message}`),
    )
  }
  const { services, runtime } = c.get('door')
  const conversation = parseConversation(parsed.data.messages, services.now())
  if (!conversation.ok) return refuse(refusal('INVALID_REQUEST', conversation.error))
  const { snapshot, principal } = admitted.value
  const agent = namedAgent(snapshot, ownHeader(c, 'agent-id') ?? parsed.data.model)
  if (!agent.ok) return refuse(agent.error)
  const wished = ownHeader(c, 'session-key')
  const named = wished === undefined ? null : parseSessionKey(wished)
  if (named && !named.ok) return refuse(refusal('INVALID_REQUEST', named.error))
  // The canonical text: another spelling would name another object for the same conversation.
  const sessionKey = named?.value.text ?? null
  const completion = {
    request: parsed.data,
    conversation: conversation.value,
    identity: identify(parsed.data, services.now()),
    sampling: samplingIn(parsed.data),
    agent: agent.value,
    snapshot,
    principal,
    services,
    settings: runtime.settings,
    signal: c.req.raw.signal,
    traceparent: c.req.header('traceparent'),
  }
  // What may be repeated must be found again: it is a run of a session.
  const key = idempotencyKey.value
  if (key !== null) return answerKeyed(c, completion, sessionKey, key, body.value)
  const isStateless =
    sessionKey === null && offeredTools(snapshot, agent.value, callerOf(principal)).length === 0
  return isStateless ? answerStateless(completion) : answerJournalled(completion, sessionKey)
}

/** The session repeats the answer; the limiter knows whether it is the same request in all its parts. */
async function answerKeyed(
  c: AppContext,
  completion: Completion,
  sessionKey: string | null,
  key: string,
  body: unknown,
): Promise<Response> {
  const { principal, services } = completion
  const { name } = COMPLETIONS
  const request = {
    principal,
    operation: name,
    key,
    body: [sessionKey, completion.agent.key, body],
  }
  const { claim, settle, release } = await claimRequest(services, request)
  if (claim.kind === 'reused') return turnAway(c, { kind: 'idempotency_key_reused' }, principal)
  const response = await answerJournalled(completion, sessionKey, {
    idempotencyKey: key,
    conversationId: await keyedConversationId(services, principal, name, key),
  })
  const isStarted = response.headers.has('x-edgeclaw-run-id')
  if (claim.kind === 'first') services.inBackground(isStarted ? settle(null) : release())
  return response
}

const refuse = (refused: Refusal): Response =>
  refusalResponse(refused, httpStatusOf(refused.code), 'openai')

/** `principal` is there once the credential was proven. */
interface TurnedAway {
  readonly refused: TransportRefusal
  readonly principal: Principal | null
}

/**
 * Proves the credential and takes the run's tokens. For a key that this isolate knows both are asked
 * at once: the limiter is the one of the key's owner whether or not the key still holds.
 */
async function authenticateForRun(c: AppContext): Promise<Result<Authenticated, TurnedAway>> {
  const { admitted, claims, services, runtime } = c.get('door')
  const { settings } = runtime
  const grant = await peekGrant(admitted.credential, services.now())
  // Whose key may start no run spends none of its owner's tokens.
  const mayRun = grant !== null && coversScope(grant.scopes, COMPLETIONS.access.scope)
  const snapshot = mayRun ? peekSnapshot(grant.tenantId) : null
  // A grant older than what is known of its tenant may be a revoked one: its owner does not pay for it.
  const known = snapshot?.authVersion === grant?.authVersion ? snapshot : null
  const early =
    grant && known
      ? takeRunTokens({
          principal: {
            tenantId: grant.tenantId,
            userId: grant.ownerId,
            clientAddress: admitted.clientAddress,
          },
          snapshot: known,
          services,
          settings,
        })
      : null
  const authenticated = await authenticate(
    admitted.credential,
    claims,
    admitted,
    services,
    settings,
  )
  // An early answer that nobody waits for must not become an unhandled rejection.
  if (!authenticated.ok) {
    early?.catch(() => undefined)
    return err({ refused: authenticated.error, principal: null })
  }
  const { principal } = authenticated.value
  const allowed = authorize(principal, COMPLETIONS)
  if (!allowed.ok) {
    early?.catch(() => undefined)
    return err({ refused: allowed.error, principal })
  }
  const taken = await (early ?? takeRunTokens({ ...authenticated.value, services, settings }))
  return taken.ok ? authenticated : err({ refused: taken.error, principal })
}

function namedAgent(snapshot: TenantSnapshot, model: string): Result<AgentRecord, Refusal> {
  const agent =
    findAgent(snapshot, model.replace(/^agent:/, '').toLowerCase()) ?? findAgent(snapshot, model)
  if (agent?.status === 'active') return ok(agent)
  return err(
    refusal(
      'NOT_FOUND',
      `the model ${JSON.stringify(model.slice(0, 100))} does not exist; models are agent keys`,
    ),
  )
}

const identify = (request: ChatCompletionRequest, now: number): CompletionIdentity => ({
  id: newId('chatcmpl').replace('_', '-'),
  created: Math.floor(now / 1_000),
  model: request.model,
})

function samplingIn(request: ChatCompletionRequest): Sampling {
  const { temperature, top_p, stop } = request
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens
  return {
    ...(temperature == null ? {} : { temperature }),
    ...(top_p == null ? {} : { topP: top_p }),
    ...(maxOutputTokens == null ? {} : { maxOutputTokens }),
    ...(stop == null ? {} : { stopSequences: typeof stop === 'string' ? [stop] : stop }),
  }
}

/** `GET /v1/models`: the agents, as models. */
export async function listModels(c: AppContext): Promise<Response> {
  const entered = await enter(c)
  if (!entered.ok) return entered.error
  const { principal, snapshot } = entered.value
  const allowed = authorize(principal, MODELS)
  if (!allowed.ok) return turnAway(c, allowed.error)
  const data = snapshot.agents
    .filter(({ status }) => status === 'active')
    .map(({ key }) => ({ id: key, object: 'model', created: 0, owned_by: 'edgeclaw' }))
  return jsonResponse({ object: 'list', data }, 200)
}
