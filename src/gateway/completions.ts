/**
 * OpenAI's door for chats. A completion that names no session and whose agent has no tools is
 * stateless: no session, nothing journalled, the limiter and the tenant asked side by side. Any other
 * is a journalled run of a session, told in OpenAI's words.
 */
import { VIEWER } from '../api/access.ts'
import { newId } from '../crypto/random.ts'
import type { Sampling } from '../domain/ports/session.ts'
import { refusal } from '../domain/refusal.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import {
  type ChatCompletionRequest,
  type CompletionIdentity,
  chatCompletionRequestSchema,
  parseConversation,
} from '../protocol/openai.ts'
import { completionTeller } from '../protocol/openai-teller.ts'
import { authorize } from '../transport/authorize.ts'
import { type AppContext, enter, ownHeader, turnAway } from './door.ts'
import { jsonResponse } from './http-response.ts'
import { admitOpenAi, answerOpenAi, namedAgent, refuseOpenAi } from './openai-door.ts'

const MODELS = { name: 'models', access: VIEWER }

export async function completions(c: AppContext): Promise<Response> {
  const operation = 'chat.completions'
  const admission = await admitOpenAi(c, operation)
  if (!admission.ok) return admission.error
  const parsed = chatCompletionRequestSchema.safeParse(admission.value.body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuseOpenAi(
      refusal('INVALID_REQUEST', `${issue?.path.map(String).join('.')}: ${issue?.message}`),
    )
  }
  const { services, runtime } = c.get('door')
  const conversation = parseConversation(parsed.data.messages, services.now())
  if (!conversation.ok) return refuseOpenAi(refusal('INVALID_REQUEST', conversation.error))
  const { snapshot, principal } = admission.value
  const agent = namedAgent(snapshot, ownHeader(c, 'agent-id') ?? parsed.data.model)
  if (!agent.ok) return refuseOpenAi(agent.error)
  const wished = ownHeader(c, 'session-key')
  const named = wished === undefined ? null : parseSessionKey(wished)
  if (named && !named.ok) return refuseOpenAi(refusal('INVALID_REQUEST', named.error))
  const identity = identify(parsed.data, services.now())
  const includeUsage = parsed.data.stream_options?.include_usage ?? false
  const completion = {
    isStreamed: parsed.data.stream ?? false,
    conversation: conversation.value,
    tellerFor: () => completionTeller(identity, { includeUsage }),
    sampling: samplingIn(parsed.data),
    agent: agent.value,
    snapshot,
    principal,
    services,
    settings: runtime.settings,
    signal: c.req.raw.signal,
    traceparent: c.req.header('traceparent'),
  }
  return answerOpenAi(c, completion, {
    operation,
    admission: admission.value,
    // The canonical text: another spelling would name another object for the same conversation.
    sessionKey: named?.value.text ?? null,
    isKept: false,
  })
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
