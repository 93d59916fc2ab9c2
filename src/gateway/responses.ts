/**
 * OpenAI's door for responses. What is stored (as it is by default) is a run of a session, and its id
 * goes on with that session; with `store: false` an agent without tools answers and keeps nothing.
 */

import { newId } from '../crypto/random.ts'
import { makeResponseId, openResponseId } from '../crypto/response-id.ts'
import type { Sampling } from '../domain/ports/session.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import {
  parseInput,
  type ResponseRequest,
  responseRequestSchema,
} from '../protocol/openai-responses.ts'
import { responseTeller } from '../protocol/response-events.ts'
import type { Completion, CompletionRun } from './completion.ts'
import { type AppContext, ownHeader } from './door.ts'
import {
  type Admission,
  admitOpenAi,
  answerOpenAi,
  namedAgent,
  refuseOpenAi,
} from './openai-door.ts'

export async function responses(c: AppContext): Promise<Response> {
  const admission = await admitOpenAi(c, 'responses')
  if (!admission.ok) return admission.error
  const parsed = responseRequestSchema.safeParse(admission.value.body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuseOpenAi(invalid(`${issue?.path.map(String).join('.')}: ${issue?.message}`))
  }
  const request = parsed.data
  const { services, runtime } = c.get('door')
  const conversation = parseInput(request, services.now())
  if (!conversation.ok) return refuseOpenAi(invalid(conversation.error))
  const { snapshot, principal } = admission.value
  const agent = namedAgent(snapshot, ownHeader(c, 'agent-id') ?? request.model)
  if (!agent.ok) return refuseOpenAi(agent.error)
  const continued = await continuedSession(c, request, admission.value, agent.value.key)
  if (!continued.ok) return refuseOpenAi(continued.error)
  const isKept = request.store !== false
  const completion: Completion = {
    isStreamed: request.stream ?? false,
    conversation: conversation.value,
    tellerFor: (run) => tellerFor(run, request, completion),
    sampling: samplingIn(request),
    traceparent: c.req.header('traceparent'),
    agent: agent.value,
    snapshot,
    principal,
    services,
    settings: runtime.settings,
    signal: c.req.raw.signal,
  }
  const asked = { operation: 'responses', admission: admission.value, isKept } as const
  return answerOpenAi(c, completion, { ...asked, sessionKey: continued.value })
}

const invalid = (message: string): Refusal => refusal('INVALID_REQUEST', message)

/** The id of a run that is not to be continued leads nowhere. */
async function tellerFor(
  run: CompletionRun | null,
  request: ResponseRequest,
  { principal, services }: Completion,
) {
  const isStored = run !== null && request.store !== false
  const id = isStored ? await makeResponseId(services.keyRing, principal, run) : newId('resp')
  const created = Math.floor(services.now() / 1_000)
  return responseTeller({ id, created, request, isStored }, newId)
}

/**
 * The session of the response that this one follows. Whatever is not the caller's to go on with was
 * never there: ids of others, made-up ones, and those whose session was deleted since.
 */
async function continuedSession(
  c: AppContext,
  { previous_response_id: id }: ResponseRequest,
  { principal }: Admission,
  agentKey: string,
): Promise<Result<string | null, Refusal>> {
  const wished = ownHeader(c, 'session-key')
  if (!id && wished === undefined) return ok(null)
  if (id && wished !== undefined)
    return err(invalid('name the session or previous_response_id, not both'))
  const { services } = c.get('door')
  const place = id ? await openResponseId(services.keyRing, principal, id) : null
  const key = parseSessionKey(place?.sessionKey ?? wished ?? '')
  if (id) {
    const absent = err(refusal('NOT_FOUND', 'the previous response does not exist'))
    if (!key.ok) return absent
    const status = await services.session(principal.tenantId, key.value.text).status(principal)
    if (!status.ok) return absent
  }
  if (!key.ok) return err(invalid(key.error))
  // Which agent answers is the session's to say.
  if (key.value.agentKey !== agentKey)
    return err(invalid('model names another agent than the one of that conversation'))
  return ok(key.value.text)
}

const samplingIn = ({ temperature, top_p, max_output_tokens }: ResponseRequest): Sampling => ({
  ...(temperature == null ? {} : { temperature }),
  ...(top_p == null ? {} : { topP: top_p }),
  ...(max_output_tokens == null ? {} : { maxOutputTokens: max_output_tokens }),
})
