/**
 * The files that an agent is told. Those of the agent itself hold for everybody who talks to it, so
 * admins write them; USER.md and MEMORY.md lie in each user's own workspace and are their own to write.
 */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { deleteAgentFile, setAgentFile } from '../db/agent-files.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import {
  CONTEXT_FILES,
  type ContextFileName,
  headOf,
  isAgentFile,
  MAX_FILE_CHARS,
  MAX_FILES_CHARS,
  MAX_HEAD_BYTES,
  spellingsOf,
  USER_FILES,
  type UserFileName,
} from '../domain/context-file.ts'
import type { FileHead, WorkspacePort } from '../domain/ports/workspace.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OPERATOR, VIEWER } from './access.ts'
import { agentReference, namedAgent } from './agents.ts'
import { actsAsAdmin, needsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const NEW_FILE_MODE = 0o644

const name = z.enum(CONTEXT_FILES)
const listedFile = z.object({
  name,
  /** Whose it is: the agent's, or the caller's own with this agent. */
  scope: z.enum(['agent', 'user']),
  missing: z.boolean(),
  /** In bytes. */
  size: z.number(),
  /** Written after text from outside came in: its agent is told it as data. */
  untrusted: z.boolean(),
})
type ListedFile = z.infer<typeof listedFile>

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length

function agentFileOf({ snapshot }: OperationContext, agent: AgentRecord, wanted: ContextFileName) {
  return snapshot.agentFiles.find((file) => file.agentId === agent.id && file.name === wanted)
}

const ownWorkspace = ({ services, principal }: OperationContext, agent: AgentRecord) =>
  services.workspace(principal.tenantId, agent.id, principal.userId)

const listedUserFile = (wanted: UserFileName, head: FileHead | undefined): ListedFile => ({
  name: wanted,
  scope: 'user',
  missing: head === undefined,
  size: head?.entry.size ?? 0,
  untrusted: head?.entry.isUntrusted ?? false,
})

function listedAgentFile(
  context: OperationContext,
  agent: AgentRecord,
  wanted: ContextFileName,
): ListedFile {
  const file = agentFileOf(context, agent, wanted)
  const size = utf8Bytes(file?.content ?? '')
  return { name: wanted, scope: 'agent', missing: file === undefined, size, untrusted: false }
}

export const agentFilesList = operation({
  name: 'agents.files.list',
  summary: 'The files that an agent is told before every turn: its own, and those of the caller',
  access: VIEWER,
  params: z.object(agentReference),
  result: z.object({ agentId: z.string(), files: z.array(listedFile) }),
  http: { method: 'GET', path: '/v1/agents/{id}/files' },
  run: async (context, params) => {
    const found = namedAgent(context.snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const heads = await ownWorkspace(context, agent).heads(USER_FILES.flatMap(spellingsOf), 0)
    const files = CONTEXT_FILES.map((each) =>
      isAgentFile(each)
        ? listedAgentFile(context, agent, each)
        : listedUserFile(each, headOf(heads, each)),
    )
    return ok({ agentId: agent.key, files })
  },
})

export const agentFilesGet = operation({
  name: 'agents.files.get',
  summary: 'One of the files that an agent is told; USER.md and MEMORY.md are the caller’s own',
  access: VIEWER,
  params: z.object({ ...agentReference, name }),
  result: z.object({ agentId: z.string(), file: listedFile.extend({ content: z.string() }) }),
  http: { method: 'GET', path: '/v1/agents/{id}/files/{name}' },
  run: async (context, params) => {
    const found = namedAgent(context.snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const wanted = params.name
    if (isAgentFile(wanted)) {
      const content = agentFileOf(context, agent, wanted)?.content ?? ''
      const file = { ...listedAgentFile(context, agent, wanted), content }
      return ok({ agentId: agent.key, file })
    }
    const heads = await ownWorkspace(context, agent).heads(spellingsOf(wanted), MAX_HEAD_BYTES)
    const head = headOf(heads, wanted)
    const content = head === undefined ? '' : new TextDecoder().decode(head.bytes)
    return ok({ agentId: agent.key, file: { ...listedUserFile(wanted, head), content } })
  },
})

/** The least that anybody needs is an operator; what all users are told is changed by admins alone. */
function checkMayWrite(
  { principal }: OperationContext,
  wanted: ContextFileName,
): Result<null, Refusal> {
  const isAllowed = !isAgentFile(wanted) || actsAsAdmin(principal)
  return isAllowed ? ok(null) : err(needsAdmin(`${wanted} of an agent`))
}

function checkRoom(
  { snapshot }: OperationContext,
  agent: AgentRecord,
  wanted: ContextFileName,
  content: string,
): Result<null, Refusal> {
  const others = snapshot.agentFiles.filter(
    (file) => file.agentId === agent.id && file.name !== wanted,
  )
  const chars = others.reduce((sum, file) => sum + file.content.length, content.length)
  if (chars > MAX_FILES_CHARS) {
    const most = `the files of an agent are at most ${MAX_FILES_CHARS} characters together`
    return err(refusal('RESOURCE_EXHAUSTED', most))
  }
  return checkSnapshotRoom(snapshot, content)
}

async function commitOwn(
  workspace: WorkspacePort,
  wanted: UserFileName,
  content: string,
): Promise<Result<null, Refusal>> {
  const staged = await workspace.stage(new TextEncoder().encode(content))
  if (!staged.ok) return err(refusal('RESOURCE_EXHAUSTED', 'your workspace is full'))
  const committed = await workspace.commit({
    commitKey: newId('set'),
    base: null,
    // In the person's own words. The other spelling would be told beside it, or instead of it.
    put: [{ path: wanted, ...staged.value, mode: NEW_FILE_MODE, isUntrusted: false }],
    delete: [wanted.toLowerCase()],
  })
  return committed.ok ? ok(null) : err(refusal('RESOURCE_EXHAUSTED', 'your workspace is full'))
}

export const agentFilesSet = operation({
  name: 'agents.files.set',
  summary:
    'Writes a file that an agent is told: your own USER.md or MEMORY.md, the agent’s as admin',
  access: OPERATOR,
  params: z.object({
    ...agentReference,
    name,
    content: z.string().max(MAX_FILE_CHARS, `a file is at most ${MAX_FILE_CHARS} characters`),
  }),
  result: z.object({ ok: z.literal(true), agentId: z.string(), file: listedFile }),
  http: { method: 'PUT', path: '/v1/agents/{id}/files/{name}' },
  audit: (params, { agentId, file }) =>
    file.scope === 'agent' ? { agent: agentId, file: params.name } : null,
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId, userId } = principal
    const found = namedAgent(snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const { name: wanted, content } = params
    const allowed = checkMayWrite(context, wanted)
    if (!allowed.ok) return allowed
    const file = { name: wanted, missing: false, size: utf8Bytes(content) }
    if (!isAgentFile(wanted)) {
      const workspace = ownWorkspace(context, agent)
      const done = await commitOwn(workspace, wanted, content)
      if (!done.ok) return done
      // A text that a labelled file holds as well stays labelled: the workspace says so.
      const head = headOf(await workspace.heads([wanted], 0), wanted)
      return ok({ ok: true as const, agentId: agent.key, file: listedUserFile(wanted, head) })
    }
    const room = checkRoom(context, agent, wanted, content)
    if (!room.ok) return room
    await changeTenant(services, tenantId, () =>
      setAgentFile(
        services.database(tenantId),
        tenantId,
        { agentId: agent.id, name: wanted, content, updatedBy: userId },
        services.now(),
      ),
    )
    const written: ListedFile = { ...file, scope: 'agent', untrusted: false }
    return ok({ ok: true as const, agentId: agent.key, file: written })
  },
})

export const agentFilesDelete = operation({
  name: 'agents.files.delete',
  summary: 'Deletes a file that an agent is told',
  access: OPERATOR,
  params: z.object({ ...agentReference, name }),
  result: z.object({ ok: z.literal(true), agentId: z.string() }),
  http: { method: 'DELETE', path: '/v1/agents/{id}/files/{name}' },
  audit: (params, { agentId }) =>
    isAgentFile(params.name) ? { agent: agentId, file: params.name } : null,
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedAgent(snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const wanted = params.name
    const allowed = checkMayWrite(context, wanted)
    if (!allowed.ok) return allowed
    const done = { ok: true as const, agentId: agent.key }
    if (isAgentFile(wanted)) {
      const deleted = await changeTenant(services, tenantId, () =>
        deleteAgentFile(services.database(tenantId), tenantId, agent.id, wanted),
      )
      return deleted.ok ? ok(done) : err(notFound('file'))
    }
    const workspace = ownWorkspace(context, agent)
    const there = await workspace.heads(spellingsOf(wanted), 0)
    if (there.length === 0) return err(notFound('file'))
    const committed = await workspace.commit({
      commitKey: newId('set'),
      base: null,
      put: [],
      delete: there.map(({ entry }) => entry.path),
    })
    return committed.ok ? ok(done) : err(refusal('UNAVAILABLE', 'the file was not deleted'))
  },
})
