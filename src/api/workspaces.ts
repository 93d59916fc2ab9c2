/**
 * The workspaces there are, and the names of the files in them. The files themselves go through
 * `/v1/files`, under the same rule of whose they are.
 */
import { z } from 'zod'
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from '../crypto/encoding.ts'
import { findSession } from '../db/sessions.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { isChannelUser } from '../domain/channel-user.ts'
import { type AgentId, agentIdSchema, type UserId, userIdSchema } from '../domain/ids.ts'
import { parseObjectName } from '../domain/object-name.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { findAgent, mayReach } from '../domain/tenant-snapshot.ts'
import { VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'
import { type FoundWorkspace, findOwner, findWorkspace, mayReadOthers } from './whose-workspace.ts'

/** Each of them is an object that is woken and asked. */
const MAX_WORKSPACES = 20
const MAX_FILES = 1_000
/** Names may be long: a page ends early where the next one would make a socket wait for it. */
const MAX_PAGE_BYTES = 256 * 1024
/** Of a row beside its path. */
const ROW_BYTES = 100
const MAX_PATH_CHARS = 4_096
const MAX_CURSOR_CHARS = 8_000

const cursor = z.string().max(MAX_CURSOR_CHARS).nullish().describe('`next` of the page before')

/** Opaque, and no more than a place: it names no tenant. */
const writeCursor = (text: string): string => toBase64Url(utf8(text))

function readCursor(text: string | null | undefined): Result<string, Refusal> {
  if (!text) return ok('')
  const bytes = parseBase64Url(text)
  const read = bytes && parseUtf8(bytes)
  return read === null ? err(refusal('INVALID_REQUEST', 'the cursor is none of ours')) : ok(read)
}

const workspaceRow = z.object({
  /** The agent's key; its id where there is no such agent any more. */
  agentId: z.string(),
  userId: z.string(),
  /** `channel`: of somebody, or of a group, that a channel vouches for. */
  scope: z.enum(['member', 'channel']),
  files: z.number(),
  bytes: z.number(),
  changedAt: z.string().nullable(),
})

interface Place {
  readonly agentId: AgentId
  readonly userId: UserId
}

export const workspacesList = operation({
  name: 'workspaces.list',
  summary: 'The workspaces that hold files: one’s own, for admins the tenant’s',
  access: VIEWER,
  params: z.object({
    agentId: z.string().max(100).nullish(),
    user_id: z.string().max(255).nullish().describe('Of one person alone; of others for admins'),
    cursor,
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(MAX_WORKSPACES)
      .default(MAX_WORKSPACES)
      .describe('Small pages: each workspace of one is woken to be asked'),
  }),
  result: z.object({ workspaces: z.array(workspaceRow), next: z.string().nullable() }),
  http: { method: 'GET', path: '/v1/workspaces' },
  run: async (context, { agentId, user_id, cursor: text, limit }) => {
    const { principal, snapshot } = context
    const after = readCursor(text)
    if (!after.ok) return after
    // Where no agent is named there may be none at all, and files that one left behind.
    const agent = agentId ? findAgent(snapshot, agentId) : null
    if (agent === undefined) return err(notFound('agent'))
    const owner = findOwner(principal, user_id ?? undefined)
    if (!owner.ok) return owner
    const isOfAll = !user_id && mayReadOthers(principal)
    const { places, next } = isOfAll
      ? await placesOfAll(context, agent, after.value, limit)
      : placesOfUser(context, agent, owner.value, after.value, limit)
    const rows = await Promise.all(places.map((place) => rowOf(context, place)))
    // One that was emptied is in the directory still.
    const workspaces = rows.filter(({ files }) => files > 0)
    return ok({ workspaces, next: next === null ? null : writeCursor(next) })
  },
})

interface PlacePage {
  readonly places: readonly Place[]
  readonly next: string | null
}

/** In the directory's order, which is that of the agents' ids. */
async function placesOfAll(
  { services, principal, snapshot }: OperationContext,
  agent: AgentRecord | null,
  after: string,
  limit: number,
): Promise<PlacePage> {
  const { tenantId, allowedAgents } = principal
  const prefix = `${encodeURIComponent(tenantId)}/`
  const wanted = agent === null ? prefix : `${prefix}${encodeURIComponent(agent.id)}/`
  const from = prefix + after
  const names = await services
    .tenantEnd(tenantId)
    .names('workspace', from > wanted ? from : wanted, limit)
  const inReach = names.filter((name) => name.startsWith(wanted))
  const places = inReach.flatMap((name) => {
    const [, id, user] = parseObjectName(name) ?? []
    const agentId = agentIdSchema.safeParse(id)
    const userId = userIdSchema.safeParse(user)
    if (!agentId.success || !userId.success) return []
    const isReached =
      allowedAgents === null || snapshot.agents.some((each) => each.id === agentId.data)
    return isReached ? [{ agentId: agentId.data, userId: userId.data }] : []
  })
  const isLast = names.length < limit || inReach.length < names.length
  return { places, next: isLast ? null : (names.at(-1)?.slice(prefix.length) ?? null) }
}

/** Of one person there is one for each agent, or none: asked without looking through all names. */
function placesOfUser(
  { snapshot }: OperationContext,
  agent: AgentRecord | null,
  userId: UserId,
  after: string,
  limit: number,
): PlacePage {
  const ids = (agent === null ? snapshot.agents : [agent])
    .map(({ id }) => id)
    .filter((id) => id > after)
    .toSorted()
  const places = ids.slice(0, limit).map((agentId) => ({ agentId, userId }))
  return { places, next: ids.length > limit ? (places.at(-1)?.agentId ?? null) : null }
}

async function rowOf(
  { services, principal, snapshot }: OperationContext,
  { agentId, userId }: Place,
): Promise<z.infer<typeof workspaceRow>> {
  const listing = services.workspaceListing(principal.tenantId, agentId, userId)
  const { files, bytes, changedAt } = await listing.summary()
  return {
    agentId: snapshot.agents.find(({ id }) => id === agentId)?.key ?? agentId,
    userId,
    scope: isChannelUser(userId) ? 'channel' : 'member',
    files,
    bytes,
    changedAt: time(changedAt),
  }
}

export const workspacesFiles = operation({
  name: 'workspaces.files',
  summary: 'The files of one workspace by their paths, page by page',
  access: VIEWER,
  params: z.object({
    agentId: z.string().max(100),
    user_id: z.string().max(255).nullish().describe('Somebody else’s, for admins'),
    session_key: z
      .string()
      .max(1_000)
      .nullish()
      .describe('Of the conversation, instead of a person'),
    prefix: z.string().max(MAX_PATH_CHARS).default(''),
    cursor,
    limit: z.coerce.number().int().min(1).max(MAX_FILES).default(200),
  }),
  result: z.object({
    agentId: z.string(),
    userId: z.string(),
    files: z.array(
      z.object({
        path: z.string(),
        size: z.number(),
        mode: z.number(),
        /** Text from outside may be in it. */
        untrusted: z.boolean(),
        /** Known for a day. */
        changedAt: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/workspaces/{agentId}/files' },
  run: async (context, asked) => {
    const { services, principal } = context
    const after = readCursor(asked.cursor)
    if (!after.ok) return after
    const found = await workspaceOf(context, asked)
    if (!found.ok) return found
    const { agent, userId } = found.value
    const { prefix, limit } = asked
    const listing = services.workspaceListing(principal.tenantId, agent.id, userId)
    const listed = await listing.list({ prefix, after: after.value, limit })
    const files = withinPage(listed)
    const last = listed.length < limit && files.length === listed.length ? undefined : files.at(-1)
    return ok({
      agentId: agent.key,
      userId,
      files: files.map(({ path, size, mode, isUntrusted, changedAt }) => ({
        path,
        size,
        mode,
        untrusted: isUntrusted,
        changedAt: time(changedAt),
      })),
      next: last ? writeCursor(last.path) : null,
    })
  },
})

/** The first of them, and as many more as fit: as they are written, each character of a name may be six. */
function withinPage<File extends { readonly path: string }>(files: readonly File[]): File[] {
  let bytes = 0
  return files.filter(({ path }, index) => {
    bytes += utf8(JSON.stringify(path)).length + ROW_BYTES
    return index === 0 || bytes <= MAX_PAGE_BYTES
  })
}

/** A conversation's files are its owner's: whoever may not see those is not told that there is one. */
async function workspaceOf(
  { services, principal, snapshot }: OperationContext,
  { agentId, user_id, session_key }: WantedFiles,
): Promise<Result<FoundWorkspace, Refusal>> {
  if (!session_key)
    return findWorkspace(principal, snapshot, { agent: agentId, user: user_id ?? undefined })
  if (user_id) return err(refusal('INVALID_REQUEST', 'name a person or a session, not both'))
  const key = parseSessionKey(session_key)
  if (!key.ok) return err(refusal('INVALID_REQUEST', key.error))
  const { tenantId } = principal
  const session = await findSession(services.database(tenantId), tenantId, key.value.text)
  const isSeen =
    session !== null &&
    mayReach(principal, snapshot, session.agentKey) &&
    (session.userId === principal.userId || mayReadOthers(principal))
  if (!isSeen) return err(notFound('session'))
  const found = findWorkspace(principal, snapshot, { agent: agentId, user: session.userId })
  return !found.ok || found.value.agent.key === session.agentKey
    ? found
    : err(refusal('INVALID_REQUEST', 'session_key belongs to another agent than agentId'))
}

interface WantedFiles {
  readonly agentId: string
  readonly user_id?: string | null | undefined
  readonly session_key?: string | null | undefined
}
