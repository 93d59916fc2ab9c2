/**
 * The conversations that a run may see and write to: never more than its person may, and of those
 * what the tenant leaves. Each session's object asks once more whose it is.
 */
import { listSessions } from '../db/sessions.ts'
import type { SendRequest } from '../domain/ports/session.ts'
import type { SessionsPort, SessionView } from '../domain/ports/sub-agents.ts'
import { isTenantAdmin, lowerRole, type Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { lineageOf, MAX_HOPS } from '../domain/run-origin.ts'
import { parseSessionKey, type SessionKey } from '../domain/session-key.ts'
import { answerOf, MAX_AGENT_RUNS } from '../domain/sub-agent.ts'
import { mayReach, reachedAgentKeys } from '../domain/tenant-snapshot.ts'
import { followRun } from './follow-run.ts'
import type { SubAgentParts } from './sub-agents.ts'

type Visibility = 'self' | 'tree' | 'agent' | 'all'

/** Channels and schedules have readers and writers of their own, who know nothing of this one. */
const WRITABLE: readonly SessionKey['kind'][] = ['web', 'main']

const kindOf = (text: string): string => {
  const key = parseSessionKey(text)
  return key.ok ? key.value.kind : 'unknown'
}

export function openSessions(parts: Omit<SubAgentParts, 'traceparent'>): SessionsPort {
  const { request, live, services, children, provenance } = parts
  const { snapshot } = live
  const principal = parts.principal()
  const { tenantId } = principal
  const { sessionKey: own, workspaceUser, origin } = request
  const lineage = lineageOf(origin)
  const visibility = visibilityOf(snapshot.config.tools.sessions.visibility, own, lineage)
  /**
   * What is seen is told to whoever owns this conversation: others' are an admin's to see in their own
   * alone, and only where the tenant says so.
   */
  const seesAll =
    visibility === 'all' && isTenantAdmin(principal) && principal.userId === workspaceUser
  /** Who the owner of this conversation is, and no admin: what others own refuses them. */
  const asOwner: Principal = {
    ...principal,
    userId: workspaceUser,
    role: lowerRole(principal.role, 'operator'),
  }
  const asSeer = seesAll ? principal : asOwner

  const unseen = (text: string) => err(`There is no conversation ${text} that this agent may see.`)

  const visible = (text: string): Result<SessionKey, string> => {
    const key = parseSessionKey(text)
    if (!key.ok) return unseen(text)
    const { agentKey, text: name } = key.value
    if (!mayReach(principal, snapshot, agentKey)) return unseen(text)
    if (name === own.text) return key
    const isChild = children.list().some(({ sessionKey }) => sessionKey === name)
    switch (visibility) {
      case 'self':
        return unseen(text)
      case 'tree':
        return isChild ? key : unseen(text)
      case 'agent':
        return isChild || agentKey === own.agentKey ? key : unseen(text)
      case 'all':
        return key
    }
  }

  return {
    list: async (limit) => {
      const tree = [
        { sessionKey: own.text, label: null, startedAt: null },
        ...(visibility === 'self' ? [] : children.list()),
      ].map(
        ({ sessionKey, label, startedAt }): SessionView => ({
          sessionKey,
          agentKey: sessionKey.split(':')[1] ?? '',
          kind: kindOf(sessionKey),
          label,
          messageCount: null,
          updatedAt: startedAt,
        }),
      )
      if (visibility === 'self' || visibility === 'tree') return ok(tree.slice(0, limit))
      const page = await listSessions(services.database(tenantId), tenantId, {
        ...(seesAll ? {} : { userId: workspaceUser }),
        ...(visibility === 'agent' ? { agentKey: own.agentKey } : {}),
        ...reachedAgentKeys(principal, snapshot),
        limit,
        offset: 0,
      })
      return ok(page.sessions.map((row) => ({ ...row, kind: kindOf(row.sessionKey) })))
    },
    history: async (text, page) => {
      const key = visible(text)
      if (!key.ok) return key
      const session = services.session(tenantId, key.value.text)
      const read = await session.history(asSeer, page)
      // After the messages: what came in meanwhile is told of, too.
      const status = read.ok ? await session.status(asSeer) : read
      if (!read.ok || !status.ok) return unseen(text)
      const { messages, nextBefore } = read.value
      const shown = messages.map((message) => ({
        ...message,
        content: withoutMarks(message.content),
      }))
      return ok({ messages: shown, nextBefore, hasSeenUntrusted: status.value.hasSeenUntrusted })
    },
    status: async (text) => {
      const key = visible(text)
      if (!key.ok) return key
      const status = await services.session(tenantId, key.value.text).status(asSeer)
      if (!status.ok) return unseen(text)
      const { isRunning, hasSeenUntrusted } = status.value
      return ok({ isRunning, hasSeenUntrusted })
    },
    send: async (callId, { sessionKey: text, text: said, waitMs }, signal) => {
      const refused = refusalOf(request.hops, origin?.kind === 'subagent')
      if (refused !== null) return err(refused)
      const key = visible(text)
      if (!key.ok) return key
      if (key.value.text === own.text) return err('This is the conversation that you are in.')
      if (!WRITABLE.includes(key.value.kind))
        return err('Only web conversations and main ones take such messages; steer a sub-agent.')
      const session = services.session(tenantId, key.value.text)
      // Asked as the owner: not even an admin's agent writes where somebody else reads.
      if (!(await session.status(asOwner)).ok) return unseen(text)
      const tenant = services.tenant(tenantId)
      const place = await tenant.takeAgentRun(principal.userId, key.value.text)
      if (place === 'full')
        return err(`Nothing was sent: ${MAX_AGENT_RUNS} runs are at work for this person already.`)
      const message: SendRequest = {
        principal,
        sessionKey: key.value.text,
        message: `[A message of the agent ${own.agentKey} from ${own.text}, and no person's words]\n\n${said}`,
        origin: {
          kind: 'relayed',
          parentSessionKey: own.text,
          parentRunId: request.runId,
          lineage: [...lineage.map((ancestor) => ancestor.text), own.text],
          hasSeenUntrusted: provenance.hasSeenUntrusted(),
        },
        hops: request.hops + 1,
        idempotencyKey: callId,
        replyTo: { kind: 'none' },
      }
      const sent = await session.send(message)
      // A place that was held before is the one of the run that is going there.
      if (place === 'taken' && !(sent.ok && sent.value.kind === 'started'))
        await tenant.endAgentRun(principal.userId, key.value.text)
      if (!sent.ok) return err(`Nothing was sent: ${sent.error.message}.`)
      const started = { kind: 'started', content: '', hasSeenUntrusted: false } as const
      if (waitMs === 0) return ok(started)
      const followed = await followRun(() => session.converse(message), waitMs, signal)
      if (!followed.ok || followed.value === 'still_running') return ok(started)
      const status = await session.status(asOwner)
      return ok({
        kind: followed.value.kind === 'completed' ? 'answered' : 'failed',
        content: answerOf(followed.value),
        hasSeenUntrusted: !status.ok || status.value.hasSeenUntrusted,
      })
    },
  }
}

/** A run that acts for another sees no more than that one does, nor what is not theirs both. */
function visibilityOf(
  configured: Visibility,
  own: SessionKey,
  lineage: readonly SessionKey[],
): Visibility {
  const isShared = lineage.every(({ agentKey }) => agentKey === own.agentKey)
  return configured === 'agent' && !isShared ? 'self' : configured
}

function refusalOf(hops: number, isSubAgent: boolean): string | null {
  if (isSubAgent) return 'A sub-agent writes to nobody but the agent that it works for.'
  if (hops < MAX_HOPS) return null
  return `Nothing was sent: ${MAX_HOPS} runs have followed from each other already. Answer the user first.`
}

/** The marks of that conversation; all of it is marked anew as a whole. */
const MARK_LINES = /<<<(?:END_)?EXTERNAL_UNTRUSTED_CONTENT>>>[^\n]*/g
const withoutMarks = (text: string): string => text.replace(MARK_LINES, '[text from outside]')
