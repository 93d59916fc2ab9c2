/**
 * Judges a message before anything of it is stored: whose session, which agent, what was said. What
 * becomes of one that is admitted is the session's.
 */
import type { Services } from '../api/context.ts'
import { canonicalHash } from '../crypto/canonical-json.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { hasLimits } from '../domain/budget.ts'
import { describeStop, stopOfRuns } from '../domain/emergency-stop.ts'
import type { Message } from '../domain/message.ts'
import type { BucketRequest } from '../domain/ports/limiter.ts'
import type { SendRequest } from '../domain/ports/session.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { isCreatable, parseSessionKey, type SessionKey } from '../domain/session-key.ts'
import {
  agentOfKey,
  epochOf,
  mayReach,
  reachedBy,
  type TenantSnapshot,
} from '../domain/tenant-snapshot.ts'
import { type InputSource, inspect } from '../input/inspect.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import { isNarrowedCredential } from '../tools/settings.ts'
import { sessionRunBucket } from '../transport/rate-limit.ts'
import { eventOfRefusal } from '../transport/refusal.ts'
import { checkSessionAccess, type OwnedSession } from '../transport/session-access.ts'
import { createReporter, type Report } from './emit.ts'
import type { Settings } from './env.ts'
import { snapshotOfEpoch } from './freshness.ts'
import { askPromptHooks } from './hooks/prompt-hooks.ts'
import { createRunRelease } from './release.ts'
import { markResult } from './tool-result.ts'
import { ofInput, ofTransport } from './wire.ts'

export interface AdmittedMessage {
  readonly key: SessionKey
  readonly isNew: boolean
  readonly agent: AgentRecord
  /** Inspected, and with what the model is to be told of that. */
  readonly content: string
  /** Text from outside is in it: a hook's, or what a channel's message carried along. */
  readonly hasOutsideText: boolean
  /** What the caller hands over with it, inspected alike: all of it reaches the model. */
  readonly preamble: readonly Message[]
  readonly callerInstructions: string
  /** Of a message that may be repeated; empty without an idempotency key. */
  readonly bodyHash: string
  /** The session's bucket, as its tenant has set it. */
  readonly sessionRate: BucketRequest
  /** Its credential may do less than another's: no run of another takes it in. */
  readonly isNarrowed: boolean
  /** Of the tenant, as the agent was read. */
  readonly authVersion: number
  /** The epoch of a tenant that has budgets: a run asks them before it starts. Else null. */
  readonly budgetEpoch: number | null
}

/** Judges the texts of one caller by their tenant's policy, and answers what the model is given. */
export const createTextGate =
  (
    { config }: TenantSnapshot,
    report: Report,
    source: InputSource = 'message',
    maxChars = config.gateway.max_message_chars,
  ) =>
  (text: string): Result<string, Refusal> => {
    const { injection_action: action } = config.gateway
    const inspected = inspect(text, { action, maxChars, source })
    if (!inspected.ok) {
      inspected.error.events.forEach(report)
      return err(ofInput(inspected.error))
    }
    inspected.value.events.forEach(report)
    const { text: kept, notice } = inspected.value
    return ok(notice === null ? kept : `[${notice}]\n\n${kept}`)
  }

/** What the caller says the user said; an assistant's words are history, which nobody obeys. */
export function admitMessages(
  messages: readonly Message[],
  admitText: (text: string) => Result<string, Refusal>,
): Result<readonly Message[], Refusal> {
  const admitted: Message[] = []
  for (const message of messages) {
    if (message.role !== 'user') {
      admitted.push(message)
      continue
    }
    const content = admitText(message.content)
    if (!content.ok) return content
    admitted.push({ ...message, content: content.value })
  }
  return ok(admitted)
}

const OF_SUB_AGENT =
  'a sub-agent is written to by the agent that began it: steer it from there, or ask that agent'

const mayCreate = (key: SessionKey, { principal, origin }: SendRequest): boolean =>
  isCreatable(
    key,
    isTenantAdmin(principal),
    origin?.kind ?? null,
    principal.credential.kind === 'channel',
  )

/** Nobody's words: cut, scrubbed and marked, and never refused, since its sender is not the caller. */
function outsideText(
  outside: SendRequest['outside'],
  { config }: TenantSnapshot,
  report: Report,
): string {
  if (outside === undefined) return ''
  const { text, source } = outside
  const release = createRunRelease(config, createSecretDictionary(), report)
  const content = release.text(text.slice(0, config.gateway.max_message_chars))
  return markResult({ content, isError: false }, source, { config, report }).content
}

/**
 * @param owned null for a session that does not exist yet
 * @param source of the message, for the evidence: one that goes into a running loop says so
 * @param settings by which hooks are reached; without them none is, and those that fail closed block
 */
export async function admitMessage(
  request: SendRequest,
  owned: OwnedSession | null,
  services: Services,
  source: InputSource = 'message',
  settings: Settings | null = null,
): Promise<Result<AdmittedMessage, Refusal>> {
  const { principal } = request
  const key = parseSessionKey(request.sessionKey)
  if (!key.ok) return err(refusal('INVALID_REQUEST', key.error))
  const report = createReporter(services, {
    tenantId: principal.tenantId,
    userId: principal.userId,
    sessionKey: key.value.text,
  })
  const known = await snapshotOfEpoch(services, principal.tenantId, request.epoch)
  // Ahead of the owner: whether there is such a conversation is none of the credential's business.
  if (!known || !mayReach(principal, known, key.value.agentKey)) return err(notFound('agent'))
  const snapshot = reachedBy(principal, known)
  if (owned) {
    const allowed = checkSessionAccess(principal, owned)
    if (!allowed.ok) {
      const event = eventOfRefusal(allowed.error, principal.clientAddress)
      if (event) report(event)
      return err(ofTransport(allowed.error).refusal)
    }
  } else if (!mayCreate(key.value, request)) {
    return err(
      refusal(
        'UNAUTHORIZED',
        'a caller may only open sessions of the form agent:{key}:ws:direct:{conversation}',
      ),
    )
  }
  // What it may do was cut down for what it reads: nobody else's run goes on in its conversation.
  if (key.value.kind === 'subagent' && request.origin?.kind !== 'subagent') {
    return err(refusal('FAILED_PRECONDITION', OF_SUB_AGENT))
  }
  const agent = agentOfKey(snapshot, key.value.agentKey)
  if (agent?.status !== 'active') return err(notFound('agent'))
  const stop = stopOfRuns(snapshot.stops)
  if (stop !== null) return err(refusal('FAILED_PRECONDITION', describeStop(stop)))
  const admitText = createTextGate(snapshot, report, source)
  const { length } = request.message
  if (request.invocation !== undefined && length > snapshot.config.gateway.max_message_chars) {
    // The message is cut; the call itself is not, and the next turn's model reads all of it.
    const whole = createTextGate(snapshot, report, source, length)(request.message)
    if (!whole.ok) return whole
  }
  const content = admitText(request.message)
  if (!content.ok) return content
  const preamble = admitMessages(request.preamble ?? [], admitText)
  if (!preamble.ok) return preamble
  const callerInstructions = admitText(request.callerInstructions ?? '')
  if (!callerInstructions.ok) return callerInstructions
  const outside = outsideText(request.outside, snapshot, report)
  // A call by hand is no prompt: the hooks around tools hear of it.
  const said =
    request.invocation !== undefined
      ? ok('')
      : await askPromptHooks(
          {
            agentKey: agent.key,
            session: key.value.text,
            origin: request.origin ?? null,
            message: request.message,
            history: (request.preamble ?? []).flatMap(({ role, content: said }) =>
              role === 'user' ? [said] : [],
            ),
            instructions: request.callerInstructions ?? '',
            isNew: owned === null,
            idempotencyKey: request.idempotencyKey,
          },
          { snapshot, principal, services, settings, report },
        )
  if (!said.ok) return said
  return ok({
    key: key.value,
    isNew: owned === null,
    agent,
    content: [content.value, outside, said.value].filter((text) => text !== '').join('\n\n'),
    hasOutsideText: said.value !== '' || outside !== '',
    preamble: preamble.value,
    callerInstructions: callerInstructions.value,
    bodyHash:
      request.idempotencyKey === undefined
        ? ''
        : await canonicalHash([key.value.text, request.message]),
    sessionRate: sessionRunBucket(snapshot.config.gateway),
    isNarrowed: isNarrowedCredential(snapshot.config, principal.credential),
    authVersion: snapshot.authVersion,
    budgetEpoch: hasLimits(snapshot.config.budgets) ? epochOf(snapshot) : null,
  })
}
