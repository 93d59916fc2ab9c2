/**
 * `/v1/files/…`: files of a workspace out and in, and links to them. What people put in is text from
 * outside to their agent, as everything is that no tool of it wrote.
 */
import { z } from 'zod'
import { OPERATOR, VIEWER } from '../../api/access.ts'
import { makeFileLink } from '../../crypto/file-link.ts'
import { newId } from '../../crypto/random.ts'
import { WORKSPACE_LIMITS, type WorkspacePort } from '../../domain/ports/workspace.ts'
import { type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { readBodyWithin } from '../../transport/size.ts'
import { type AppContext, readJson, turnAway } from '../door.ts'
import { jsonResponse, refusalResponse } from '../http-response.ts'
import { httpStatusOf } from '../wire.ts'
import { enterByLink, enterFiles } from './entrance.ts'
import { fileResponse } from './file-response.ts'
import { checkFilePath, checkPlainPath, ofWorkspaceFailure, openWorkspace } from './workspace-of.ts'

const PREFIX = '/v1/files/'
const LINK_SECONDS = 300
const NEW_FILE_MODE = 0o644

const READ = { name: 'files.read', access: VIEWER }
const WRITE = { name: 'files.write', access: OPERATOR }
const SIGN = { name: 'files.sign', access: VIEWER }

const refuse = (refused: Refusal): Response =>
  refusalResponse(refused, httpStatusOf(refused.code), 'edgeclaw')

/** As it came, still encoded: a parser of URLs would have resolved what is to be refused. */
function encodedPathOf(url: string): string {
  const [beforeQuery = ''] = url.split(/[?#]/)
  const at = beforeQuery.indexOf(PREFIX)
  return at < 0 ? '' : beforeQuery.slice(at + PREFIX.length)
}

export async function readFile(c: AppContext): Promise<Response> {
  const link = c.req.query('ft')
  const path = checkFilePath(encodedPathOf(c.req.raw.url))
  // Nobody without a credential learns which paths are refused.
  const target = path.ok ? path.value : ''
  const entered = await (link === undefined
    ? enterFiles(c, READ)
    : enterByLink(c, READ, link, target))
  if (!entered.ok) return entered.error
  if (!path.ok) return refuse(path.error)
  const { principal, snapshot, wanted } = entered.value
  const opened = openWorkspace(c.get('door').services, principal, snapshot, wanted)
  if (!opened.ok) return refuse(opened.error)
  const file = await opened.value.workspace.read(path.value)
  if (!file.ok) return refuse(ofWorkspaceFailure(file.error))
  return fileResponse(file.value.entry, file.value.bytes, {
    range: c.req.header('range'),
    ifNoneMatch: c.req.header('if-none-match'),
  })
}

/** Into one's own workspace alone: whoever may read another's does not write there. */
async function ownFile(
  c: AppContext,
): Promise<Result<{ readonly path: string; readonly workspace: WorkspacePort }, Response>> {
  const path = checkFilePath(encodedPathOf(c.req.raw.url))
  const entered = await enterFiles(c, WRITE)
  if (!entered.ok) return entered
  if (!path.ok) return err(refuse(path.error))
  const { principal, snapshot, wanted } = entered.value
  const own = { ...wanted, user: undefined }
  if (wanted.user !== undefined && wanted.user !== principal.userId)
    return err(refuse(refusal('UNAUTHORIZED', 'files are written into one’s own workspace')))
  const opened = openWorkspace(c.get('door').services, principal, snapshot, own)
  return opened.ok
    ? ok({ path: path.value, workspace: opened.value.workspace })
    : err(refuse(opened.error))
}

export async function writeFile(c: AppContext): Promise<Response> {
  const own = await ownFile(c)
  if (!own.ok) return own.error
  const bytes = await readBodyWithin(c.req.raw.body, WORKSPACE_LIMITS.maxFileBytes)
  if (!bytes.ok) return turnAway(c, bytes.error)
  const { path, workspace } = own.value
  const kept = await keepFile(workspace, path, bytes.value)
  return kept.ok ? jsonResponse(kept.value, 200) : refuse(kept.error)
}

export async function deleteFile(c: AppContext): Promise<Response> {
  const own = await ownFile(c)
  if (!own.ok) return own.error
  const { path, workspace } = own.value
  const commit = { commitKey: newId('del'), base: null, put: [], delete: [path] }
  const committed = await workspace.commit(commit)
  if (!committed.ok) return refuse(ofWorkspaceFailure(committed.error))
  const isThere = committed.value.replaced.some((entry) => entry.path === path)
  return isThere
    ? jsonResponse({ ok: true, path }, 200)
    : refuse(refusal('NOT_FOUND', 'file not found'))
}

export interface KeptFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
  readonly untrusted: true
}

export async function keepFile(
  workspace: WorkspacePort,
  path: string,
  bytes: Uint8Array,
): Promise<Result<KeptFile, Refusal>> {
  const staged = await workspace.stage(bytes)
  if (!staged.ok) return err(ofWorkspaceFailure(staged.error))
  const { sha256, size } = staged.value
  const put = { path, sha256, size, mode: NEW_FILE_MODE, isUntrusted: true }
  const commit = { commitKey: newId('put'), base: null, put: [put], delete: [] }
  const committed = await workspace.commit(commit)
  if (!committed.ok) return err(ofWorkspaceFailure(committed.error))
  return ok({ path, size, sha256, untrusted: true })
}

const signParams = z.object({
  path: z.string().min(1).max(4_096),
  agentId: z.string().max(200).optional(),
  user: z.string().max(255).optional(),
  method: z.literal('GET').optional(),
})

/** A link holds the rights of nobody: it names who asked, and their rights are asked at each use. */
export async function signFile(c: AppContext): Promise<Response> {
  const entered = await enterFiles(c, SIGN)
  if (!entered.ok) return entered.error
  const body = await readJson(c.req.raw)
  if (!body.ok) return turnAway(c, body.error)
  const params = signParams.safeParse(body.value)
  if (!params.success) {
    const [issue] = params.error.issues
    const where = issue?.path.map(String).join('.') ?? ''
    return refuse(refusal('INVALID_REQUEST', `${where}: ${issue?.message}`))
  }
  const { path: text, agentId, user } = params.data
  const checked = checkPlainPath(text)
  if (!checked.ok) return refuse(checked.error)
  const { principal, snapshot } = entered.value
  const { services } = c.get('door')
  const opened = openWorkspace(services, principal, snapshot, { agent: agentId, user })
  if (!opened.ok) return refuse(opened.error)
  const { path, encoded } = checked.value
  const { userId: holderId, isMasterScope, credential, allowedAgents, tenantId } = principal
  const expiresAt = services.now() + LINK_SECONDS * 1_000
  const grant = {
    tenantId,
    agentId: opened.value.agent.id,
    userId: opened.value.userId,
    holder: { userId: holderId, isMasterScope, credential, allowedAgents },
    expiresAt,
  }
  const ft = await makeFileLink(services.keyRing, grant, { method: 'GET', path })
  return jsonResponse({ url: `${PREFIX}${encoded}?ft=${ft}`, ft, expires_at: expiresAt }, 200)
}
