/**
 * Sub-agents of one conversation, as its runs begin and reach them. A child is a session like any
 * other: its own object, transcript, journal and gates. What it may do follows from its origin, which
 * is made here and nowhere else.
 */
import type { Services } from '../api/context.ts'
import { sha256Hex } from '../crypto/digest.ts'
import type { SendRequest } from '../domain/ports/session.ts'
import type { ChildView, SpawnRequest, SubAgentPort } from '../domain/ports/sub-agents.ts'
import type { Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { MAX_HOPS } from '../domain/run-origin.ts'
import {
  answerOf,
  type Child,
  labelSlug,
  MAX_AGENT_RUNS,
  MAX_CHILDREN,
} from '../domain/sub-agent.ts'
import { findAgent } from '../domain/tenant-snapshot.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import { parseTraceparent } from '../telemetry/trace.ts'
import type { CallLive } from './call-live.ts'
import { type ChildrenPort, messageOf, SUB_AGENT_INSTRUCTIONS } from './children.ts'
import { followRun } from './follow-run.ts'
import type { TurnRequest } from './turn-request.ts'

export interface SubAgentParts {
  readonly request: TurnRequest
  readonly live: CallLive
  readonly services: Services
  readonly children: ChildrenPort
  readonly provenance: ProvenancePort
  principal(): Principal
  /** W3C Trace Context of the call that asks; null: none is kept. */
  readonly traceparent: string | null
}

const ID_CHARS = 20
const LETTERS = 'abcdefghijklmnop'

/**
 * 80 bits of the call's key, which holds the run's random id: nobody can have named it before. Letters
 * alone: beside a name like `session`, digits among them read like a secret.
 */
const idOf = async (key: string): Promise<string> =>
  (await sha256Hex(key))
    .slice(0, ID_CHARS)
    .replace(/./g, (digit) => LETTERS.charAt(Number.parseInt(digit, 16)))

const NO_SUB_AGENT = 'There is no sub-agent of this id in this conversation.'

export function openSubAgents(parts: SubAgentParts): SubAgentPort {
  const { request, live, services, children, provenance } = parts
  const { tenantId } = request.principal
  const parentKey = request.sessionKey.text
  const sessionOf = (child: Child) => services.session(tenantId, child.sessionKey)

  const messageTo = (child: Child, text: string): SendRequest => ({
    principal: parts.principal(),
    sessionKey: child.sessionKey,
    message: text,
    origin: child.origin,
    replyTo: { kind: 'none' },
  })

  const release = (child: Child): Promise<void> =>
    services.tenant(tenantId).endAgentRun(request.principal.userId, child.sessionKey)

  const cancel = async (child: Child): Promise<Child> => {
    const answer = answerOf({ kind: 'cancelled' })
    const ended = children.change(child.id, { state: 'cancelled', answer }) ?? child
    const aborted = await sessionOf(child).abort(parts.principal())
    // One that had not begun, or was over: nobody else gives its place back.
    if (!aborted.ok || aborted.value.length === 0) await release(child)
    return ended
  }

  const make = (id: string, suffix: string, wanted: SpawnRequest): Result<Child, string> => {
    const { snapshot } = live
    const agent = wanted.agent === null ? live.agent : findAgent(snapshot, wanted.agent)
    if (agent?.status !== 'active') return err(`There is no agent ${wanted.agent}.`)
    const origin = {
      kind: 'subagent',
      parentSessionKey: parentKey,
      parentRunId: request.runId,
      lineage: [...ancestry(request), parentKey],
      owner: request.workspaceUser,
      preset: wanted.preset,
      hasSeenUntrusted: isTainted(wanted) || provenance.hasSeenUntrusted(),
    } as const
    return ok({
      id,
      sessionKey: `agent:${agent.key}:subagent:${labelSlug(wanted.label)}-${suffix}`,
      agentKey: agent.key,
      label: labelSlug(wanted.label),
      mode: wanted.mode,
      parentRunId: request.runId,
      message: messageOf(wanted.task, wanted.material, snapshot.config),
      origin,
      startedAt: services.now(),
      state: 'running',
      answer: null,
      hasSeenUntrusted: origin.hasSeenUntrusted,
    })
  }

  /** Repeated after a crash it finds what the first time began. */
  const begin = async (
    child: Child,
    idempotencyKey: string,
  ): Promise<Result<SendRequest, string>> => {
    const tenant = services.tenant(tenantId)
    const place = await tenant.takeAgentRun(request.principal.userId, child.sessionKey)
    if (place === 'full') {
      children.remove(child.id)
      return err(
        `No sub-agent was started: ${MAX_AGENT_RUNS} are at work for this person already. Wait for one to end.`,
      )
    }
    const message: SendRequest = {
      ...messageTo(child, child.message),
      callerInstructions: SUB_AGENT_INSTRUCTIONS,
      idempotencyKey,
      trace: {
        name: null,
        receivedAt: services.now(),
        parent: parseTraceparent(parts.traceparent),
      },
    }
    const sent = await sessionOf(child).send(message)
    // It has ended before: then the place that was just taken is nobody's.
    if (sent.ok && sent.value.kind !== 'started' && place === 'taken') await release(child)
    if (sent.ok) return ok(message)
    children.remove(child.id)
    await release(child)
    return err(`No sub-agent was started: ${sent.error.message}.`)
  }

  const waitFor = async (
    child: Child,
    message: SendRequest,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Child> => {
    const session = sessionOf(child)
    const followed = await followRun(() => session.converse(message), waitMs, signal)
    if (signal.aborted) return cancel(child)
    if (!followed.ok || followed.value === 'still_running')
      return children.change(child.id, { mode: 'async' }) ?? child
    const status = await session.status(parts.principal())
    return (
      children.change(child.id, {
        state: followed.value.kind,
        answer: answerOf(followed.value),
        hasSeenUntrusted: child.hasSeenUntrusted || !status.ok || status.value.hasSeenUntrusted,
      }) ?? child
    )
  }

  return {
    spawn: async (callId, ask, signal) => {
      const suffix = await idOf(`${parentKey} ${callId}`)
      const id = `sub_${suffix}`
      let child = children.find(id)
      let waitMs = MAX_REATTACHED_WAIT_MS
      if (child === null) {
        const refused = refusalOf(request)
        if (refused !== null) return err(refused)
        const wanted = typeof ask === 'function' ? await ask() : ok(ask)
        if (!wanted.ok) return wanted
        const made = make(id, suffix, wanted.value)
        if (!made.ok) return made
        if (signal.aborted) return err('The call was cancelled.')
        child = made.value
        waitMs = wanted.value.waitMs
        if (!children.add(child)) {
          return err(
            `No sub-agent was started: ${MAX_CHILDREN} of this conversation are at work already. Wait for one to end, or cancel one.`,
          )
        }
      }
      if (child.state !== 'running') return ok(viewOf(child))
      if (signal.aborted) return ok(viewOf(await cancel(child)))
      const begun = await begin(child, callId)
      if (!begun.ok) return begun
      if (signal.aborted) return ok(viewOf(await cancel(child)))
      if (child.mode === 'async') return ok(viewOf(child))
      return ok(viewOf(await waitFor(child, begun.value, waitMs, signal)))
    },
    list: () => children.list().map(viewOf),
    steer: async (id, text) => {
      const child = children.find(id)
      if (child === null) return err(NO_SUB_AGENT)
      if (child.state !== 'running') return err('This sub-agent has ended.')
      const { origin } = child
      const hasSeenUntrusted = origin.hasSeenUntrusted || provenance.hasSeenUntrusted()
      const sent = await sessionOf(child).send({
        ...messageTo(child, `[A note from the agent that you work for]\n\n${text}`),
        origin: { ...origin, hasSeenUntrusted },
        joinOnly: true,
      })
      return sent.ok ? ok(null) : err(`The note did not reach it: ${sent.error.message}.`)
    },
    cancel: async (id) => {
      const child = children.find(id)
      if (child === null) return err(NO_SUB_AGENT)
      return ok(viewOf(child.state === 'running' ? await cancel(child) : child))
    },
  }
}

/** Of one that is taken up after a crash: how long it was to wait is not kept. */
const MAX_REATTACHED_WAIT_MS = 300_000

/** Said once more where policy has said it: whatever a policy was made of, no child has children. */
function refusalOf({ origin, hops }: TurnRequest): string | null {
  if (origin?.kind === 'subagent') return 'A sub-agent has no sub-agents of its own.'
  if (hops < MAX_HOPS) return null
  return `No sub-agent was started: ${MAX_HOPS} runs have followed from each other already. Answer the user first.`
}

const ancestry = ({ origin }: TurnRequest): readonly string[] =>
  origin === null || origin.kind === 'cron' ? [] : origin.lineage

/** A reader's answer is of what it read, whatever that was. */
const isTainted = ({ preset, material }: SpawnRequest): boolean =>
  preset === 'reader' || material !== null

const viewOf = (child: Child): ChildView => {
  const { id, sessionKey, agentKey, label, state, answer, hasSeenUntrusted } = child
  return { id, sessionKey, agentKey, label, state, answer, hasSeenUntrusted }
}
