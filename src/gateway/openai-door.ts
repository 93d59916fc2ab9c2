/**
 * What OpenAI's doors share: the way in, which is that of a run, and the choice between an answer
 * that nothing is kept of and a run of a session.
 */
import { OPERATOR } from '../api/access.ts'
import { keyedConversationId } from '../api/keyed-conversation.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { coversScope, type Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { authorize } from '../transport/authorize.ts'
import { parseIdempotencyKey } from '../transport/idempotency.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { type Authenticated, authenticate, peekGrant } from './authenticate.ts'
import type { Completion } from './completion.ts'
import { answerJournalled } from './completions-journalled.ts'
import { answerStateless } from './completions-stateless.ts'
import { takeRunTokens } from './dispatch.ts'
import { type AppContext, readJson, turnAway } from './door.ts'
import { peekSnapshot } from './freshness.ts'
import { refusalResponse } from './http-response.ts'
import { claimRequest } from './idempotency.ts'
import { callerOf, offeredTools } from './tool-settings.ts'
import { httpStatusOf } from './wire.ts'

export type OpenAiOperation = 'chat.completions' | 'responses'

/** Who asks at the door, and what, before it is known to make sense. */
export interface Admission extends Authenticated {
  readonly idempotencyKey: string | null
  readonly body: unknown
}

export async function admitOpenAi(
  c: AppContext,
  name: OpenAiOperation,
): Promise<Result<Admission, Response>> {
  const { admitted: door } = c.get('door')
  const idempotencyKey = parseIdempotencyKey(c.req.header('idempotency-key') ?? null)
  if (!idempotencyKey.ok) return err(turnAway(c, idempotencyKey.error))
  // Nobody without a credential has a body buffered for them.
  if (door.credential.kind === 'none' && !door.isDevelopment) {
    return err(turnAway(c, { kind: 'credential_missing' }))
  }
  // Size before rate: an oversize body costs its sender no token.
  const body = await readJson(c.req.raw)
  if (!body.ok) return err(turnAway(c, body.error))
  const admitted = await authenticateForRun(c, name)
  if (!admitted.ok) return err(turnAway(c, admitted.error.refused, admitted.error.principal))
  return ok({ ...admitted.value, idempotencyKey: idempotencyKey.value, body: body.value })
}

export interface Asked {
  readonly operation: OpenAiOperation
  readonly admission: Admission
  /** The session to go on with. */
  readonly sessionKey: string | null
  /** It shall be possible to go on from here. */
  readonly isKept: boolean
}

export function answerOpenAi(
  c: AppContext,
  completion: Completion,
  { operation, admission, sessionKey, isKept }: Asked,
): Promise<Response> {
  const { agent, principal, snapshot } = completion
  // What may be repeated must be found again: it is a run of a session.
  const key = admission.idempotencyKey
  if (key !== null) return answerKeyed(c, completion, operation, sessionKey, key, admission.body)
  const isStateless =
    !isKept &&
    sessionKey === null &&
    offeredTools(snapshot, agent, callerOf(principal)).length === 0
  return isStateless ? answerStateless(completion) : answerJournalled(completion, sessionKey)
}

/** The session repeats the answer; the limiter knows whether it is the same request in all its parts. */
async function answerKeyed(
  c: AppContext,
  completion: Completion,
  name: OpenAiOperation,
  sessionKey: string | null,
  key: string,
  body: unknown,
): Promise<Response> {
  const { principal, services } = completion
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

export const refuseOpenAi = (refused: Refusal): Response =>
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
async function authenticateForRun(
  c: AppContext,
  name: OpenAiOperation,
): Promise<Result<Authenticated, TurnedAway>> {
  const { admitted, claims, services, runtime } = c.get('door')
  const { settings } = runtime
  const grant = await peekGrant(admitted.credential, services.now())
  // Whose key may start no run spends none of its owner's tokens.
  const mayRun = grant !== null && coversScope(grant.scopes, OPERATOR.scope)
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
  const allowed = authorize(principal, { name, access: OPERATOR })
  if (!allowed.ok) {
    early?.catch(() => undefined)
    return err({ refused: allowed.error, principal })
  }
  const taken = await (early ?? takeRunTokens({ ...authenticated.value, services, settings }))
  return taken.ok ? authenticated : err({ refused: taken.error, principal })
}

export function namedAgent(snapshot: TenantSnapshot, model: string): Result<AgentRecord, Refusal> {
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
