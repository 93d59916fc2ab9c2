/**
 * What becomes of a message that was admitted: in one synchronous step it is stored as a new run,
 * injected into the running one, or recognised as a repeat.
 */
import type { RunId } from '../../domain/ids.ts'
import type { SendReceipt, SendRequest } from '../../domain/ports/session.ts'
import { type Principal, reachesAsFar } from '../../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { RunResult } from '../../domain/run-event.ts'
import { mayJoin, type RunOrigin } from '../../domain/run-origin.ts'
import type { ProvenancePort } from '../../domain/untrusted.ts'
import type { AdmittedMessage } from '../../gateway/inbound.ts'
import { ofTransport } from '../../gateway/wire.ts'
import { checkSessionAccess } from '../../transport/session-access.ts'
import type { FanOut } from './fan-out.ts'
import type { MetaStore } from './meta-store.ts'
import type { StoredRunRate } from './run-rate.ts'
import { MAX_WAITERS, type RunStore, type StoredRun } from './run-store.ts'
import type { TranscriptStore } from './transcript-store.ts'

export interface SendStores {
  readonly meta: MetaStore
  readonly runs: RunStore
  readonly transcript: TranscriptStore
  readonly fanOut: FanOut
  readonly rate: StoredRunRate
  readonly provenance: ProvenancePort
  newRunId(): RunId
  readonly now: number
}

const ENDED = refusal('FAILED_PRECONDITION', 'no run of this session is in progress')
const REUSED_KEY = refusal('ALREADY_EXISTS', 'this idempotencyKey was used with another message')
export const BUSY: Refusal = {
  ...refusal(
    'FAILED_PRECONDITION',
    'a run of this session is in progress; repeat when it has ended',
  ),
  retryable: true,
}
const CROWDED: Refusal = {
  ...refusal(
    'RESOURCE_EXHAUSTED',
    `${MAX_WAITERS} requests wait for the end of this run already; repeat this one when it has ended`,
  ),
  retryable: true,
}

/** Runs inside one transaction, without a pause: what it answers is what is stored. */
export function startOrJoin(
  request: SendRequest,
  message: AdmittedMessage,
  stores: SendStores,
): Result<SendReceipt, Refusal> {
  const { runs, rate, now } = stores
  const stillOwned = recheckOwner(request, message, stores)
  if (!stillOwned.ok) return stillOwned
  const repeated = repeatOf(request, message, stores)
  if (repeated) return repeated
  const paced = rate.take(message.sessionRate, request.principal, now)
  if (!paced.ok) return paced
  const record = (runId: RunId, kind: 'started' | 'injected'): void => {
    if (request.idempotencyKey === undefined) return
    const { bodyHash } = message
    runs.recordSend(
      request.principal.userId,
      request.idempotencyKey,
      { bodyHash, runId, kind },
      now,
    )
  }
  const running = runs.running()
  // An occurrence is a run of its own, never words in somebody else's.
  const isOwnRun = request.invocation !== undefined || request.origin?.kind === 'cron'
  if (running && isOwnRun) return err(BUSY)
  if (running && isForeignTo(running, request.principal, message)) return err(BUSY)
  const { origin } = request
  if (running && origin && !mayJoin(running.options.origin, origin)) return err(BUSY)
  if (!running && request.joinOnly) return err(ENDED)
  if ((origin && isTainted(origin)) || message.hasOutsideText) stores.provenance.sawUntrusted()
  if (running) {
    runs.inject(message.content, now)
    record(running.id, 'injected')
    return ok({ kind: 'injected', runId: running.id })
  }
  const runId = stores.newRunId()
  startRun(runId, request, message, stores)
  record(runId, 'started')
  return ok({ kind: 'started', runId })
}

const isTainted = (origin: RunOrigin): boolean => origin.hasSeenUntrusted === true

/** Of a sub-agent's session it is the owner of the parent's, whoever spoke there. */
export const ownerOf = ({
  principal: { tenantId, userId },
  origin,
}: SendRequest): Pick<Principal, 'tenantId' | 'userId'> => ({
  tenantId,
  userId: origin?.kind === 'subagent' ? origin.owner : userId,
})

const placeOfSender = ({ channel }: Principal): string =>
  channel === null
    ? ''
    : JSON.stringify([channel.instanceId, channel.senderId, channel.groupId ?? null])

/**
 * What goes into a loop is carried out with the rights of the credential that began it. One that only
 * makes room takes nobody's words but those of whoever asked for it.
 */
const isForeignTo = (
  { principal: began, options: { isCompaction } }: StoredRun,
  principal: Principal,
  { isNarrowed }: Pick<AdmittedMessage, 'isNarrowed'>,
): boolean => {
  const { credential, userId } = began
  const isAnother = credential.id !== principal.credential.id
  // All senders of a channel share its credential, and each is narrowed by lists of their own.
  const isOtherSender = placeOfSender(began) !== placeOfSender(principal)
  return (
    isOtherSender ||
    (isAnother && (isNarrowed || !reachesAsFar(principal, began))) ||
    (isCompaction === true && (isAnother || userId !== principal.userId))
  )
}

/**
 * While the message was judged, another send may have created the session, or a delete removed it:
 * what was true then is not assumed now.
 */
function recheckOwner(
  { principal }: SendRequest,
  { isNew }: AdmittedMessage,
  { meta }: SendStores,
): Result<null, Refusal> {
  const session = meta.read()
  if (session === null) return isNew ? ok(null) : err(notFound('session'))
  const { tenantId, owner: ownerId } = session
  const allowed = checkSessionAccess(principal, { tenantId, ownerId })
  return allowed.ok ? allowed : err(ofTransport(allowed.error).refusal)
}

function repeatOf(
  request: SendRequest,
  message: AdmittedMessage,
  { runs, fanOut }: SendStores,
): Result<SendReceipt, Refusal> | null {
  if (request.idempotencyKey === undefined) return null
  const sent = runs.findSend(request.principal.userId, request.idempotencyKey)
  if (!sent) return null
  if (sent.bodyHash !== message.bodyHash) return err(REUSED_KEY)
  const { runId } = sent
  if (sent.kind === 'injected') return ok({ kind: 'injected', runId })
  const run = runs.find(runId)
  if (run?.result) return ok({ kind: 'finished', runId, result: run.result })
  if (!runs.addWaiter(runId, request.replyTo)) return err(CROWDED)
  if (request.replyTo.kind === 'connection') fanOut.listen(request.replyTo.connectionId)
  return ok({ kind: 'started', runId })
}

function startRun(
  runId: RunId,
  request: SendRequest,
  message: AdmittedMessage,
  stores: SendStores,
): void {
  const { meta, runs, transcript, fanOut, now } = stores
  const { principal } = request
  const { key, agent, content } = message
  const { model, provider } = agent
  const session = meta.read()
  if (session === null) {
    meta.write({
      tenantId: principal.tenantId,
      sessionKey: key.text,
      agentKey: agent.key,
      channel: key.channel,
      owner: ownerOf(request).userId,
      createdAt: now,
      label: null,
      model,
      provider,
    })
    for (const earlier of message.preamble) transcript.append('', earlier)
  } else if (session.model !== model || session.provider !== provider) {
    meta.write({ ...session, model, provider })
  }
  const firstMessageId = transcript.append(runId, { role: 'user', content, createdAt: now })
  const options = {
    callerInstructions: message.callerInstructions,
    sampling: request.sampling ?? {},
    ...(request.invocation === undefined ? {} : { invocation: request.invocation }),
    ...(request.origin === undefined ? {} : { origin: request.origin }),
    ...(request.hops === undefined ? {} : { hops: request.hops }),
    ...(request.trace === undefined ? {} : { trace: request.trace }),
  }
  runs.create({ id: runId, principal, options, firstMessageId, now })
  runs.addWaiter(runId, request.replyTo)
  fanOut.open({
    runId,
    sessionKey: key.text,
    agentKey: agent.key,
    channel: key.channel,
    userId: principal.userId,
    origin: request.origin,
  })
  if (request.replyTo.kind === 'connection') fanOut.listen(request.replyTo.connectionId)
  fanOut.emit({ type: 'run.started', message: content })
}

/** A note to the running loop, or to the next turn: the caller's words, never the assistant's. */
export function addNote(
  content: string,
  message: Pick<AdmittedMessage, 'sessionRate' | 'isNarrowed' | 'hasOutsideText'>,
  principal: Principal,
  stores: Pick<SendStores, 'runs' | 'rate' | 'transcript' | 'provenance' | 'now'>,
): Result<null, Refusal> {
  const { runs, rate, transcript, now } = stores
  // A running loop thinks of it at once: it costs what a message costs.
  const running = runs.running()
  if (running && isForeignTo(running, principal, message)) return err(BUSY)
  const paced = rate.take(message.sessionRate, principal, now)
  if (!paced.ok) return paced
  if (message.hasOutsideText) stores.provenance.sawUntrusted()
  if (running) runs.inject(content, now)
  else transcript.append('', { role: 'user', content, createdAt: now })
  return ok(null)
}

/**
 * Messages that came in after the loop had read its last ones were acknowledged as injected: they
 * start a run of their own, in the name of the one they were meant for. Whoever cancelled that one
 * wants no other, and one that failed would fail again for no token of anybody's bucket: then they
 * stay in the transcript, for the next turn.
 */
export function startLeftOver(
  ended: StoredRun,
  result: RunResult,
  stores: SendStores,
): RunId | null {
  const { meta, runs, transcript, fanOut, now } = stores
  const session = meta.read()
  if (!session || runs.running()) return null
  const [first, ...rest] = runs.takeInjections()
  if (!first) return null
  const runId = stores.newRunId()
  const append = (content: string): number =>
    transcript.append(runId, { role: 'user', content, createdAt: now })
  const firstMessageId = append(first.message)
  for (const { message } of rest) append(message)
  const { principal } = ended
  // What the ended run was asked to call was called: those who came after are answered by the model.
  const { invocation: _, isCompaction, hops = 0, ...asked } = ended.options
  // Room that could not be made says nothing about an answer.
  const mayGoOn = result.kind === 'completed' || (isCompaction && result.kind === 'failed')
  if (!mayGoOn) return null
  // A person's late message counts as well: nobody can tell which of them the run is about.
  const options = { ...asked, hops: hops + 1 }
  runs.create({ id: runId, principal, options, firstMessageId, now })
  const { sessionKey, agentKey, channel } = session
  fanOut.open({
    runId,
    sessionKey,
    agentKey,
    channel,
    userId: principal.userId,
    origin: asked.origin,
  })
  fanOut.emit({ type: 'run.started', message: first.message })
  return runId
}
