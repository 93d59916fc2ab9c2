/**
 * `POST /v1/media/upload`: a file for one's own agent, into `media/` of one's own workspace. Its type
 * is what it begins like; name and type as its sender tells them decide nothing.
 */
import { OPERATOR } from '../../api/access.ts'
import { newId } from '../../crypto/random.ts'
import { WORKSPACE_LIMITS } from '../../domain/ports/workspace.ts'
import { type Refusal, refusal } from '../../domain/refusal.ts'
import { ok, type Result } from '../../domain/result.ts'
import type { TransportRefusal } from '../../transport/refusal.ts'
import { readBodyWithin } from '../../transport/size.ts'
import { type AppContext, turnAway } from '../door.ts'
import { jsonResponse, refusalResponse } from '../http-response.ts'
import { httpStatusOf } from '../wire.ts'
import { enterFiles } from './entrance.ts'
import { mediaName } from './media-name.ts'
import { mediaTypeOf } from './media-type.ts'
import { keepFile } from './routes.ts'
import { openWorkspace } from './workspace-of.ts'

const UPLOAD = { name: 'media.upload', access: OPERATOR }
/** Boundaries, headers and small fields beside the file. */
const FORM_OVERHEAD_BYTES = 16 * 1024

interface Upload {
  readonly name: string
  readonly bytes: Uint8Array
}

const refuse = (refused: Refusal, status = httpStatusOf(refused.code)): Response =>
  refusalResponse(refused, status, 'edgeclaw')

export async function uploadMedia(c: AppContext): Promise<Response> {
  const entered = await enterFiles(c, UPLOAD)
  if (!entered.ok) return entered.error
  const { principal, snapshot, wanted } = entered.value
  const { services } = c.get('door')
  const own = openWorkspace(services, principal, snapshot, { ...wanted, user: undefined })
  if (!own.ok) return refuse(own.error)
  const upload = await uploadOf(c)
  if (!upload.ok) return turnAway(c, upload.error, principal)
  if (upload.value === null) return refuse(refusal('INVALID_REQUEST', 'the form holds no one file'))
  const { bytes, name } = upload.value
  const { maxFileBytes: maxBytes } = WORKSPACE_LIMITS
  if (bytes.length > maxBytes) return turnAway(c, { kind: 'body_too_large', maxBytes }, principal)
  const media = mediaTypeOf(bytes)
  if (!media) return refuse(refusal('INVALID_REQUEST', 'files of this type are not accepted'), 415)
  const path = `media/${mediaName(newId('med'), name, media)}`
  const kept = await keepFile(own.value.workspace, path, bytes)
  if (!kept.ok) return refuse(kept.error)
  return jsonResponse({ ...kept.value, media_type: media.type, agent_id: own.value.agent.key }, 201)
}

/** A form with one file, or the file itself as the body. Null for a form without. */
async function uploadOf(c: AppContext): Promise<Result<Upload | null, TransportRefusal>> {
  const type = c.req.header('content-type') ?? ''
  const isForm = /^multipart\/form-data\s*;/i.test(type)
  const maxBytes = WORKSPACE_LIMITS.maxFileBytes + (isForm ? FORM_OVERHEAD_BYTES : 0)
  const bytes = await readBodyWithin(c.req.raw.body, maxBytes)
  if (!bytes.ok) return bytes
  const name = c.req.query('filename') ?? ''
  return isForm ? ok(await fileOfForm(bytes.value, type)) : ok({ name, bytes: bytes.value })
}

async function fileOfForm(body: Uint8Array, type: string): Promise<Upload | null> {
  try {
    const parts = new Response(body as BodyInit, { headers: { 'content-type': type } })
    const files = (await parts.formData()).getAll('file')
    const [file, ...others] = files
    if (!(file instanceof File) || others.length > 0) return null
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }
  } catch {
    return null
  }
}

/** Declared sizes are judged before routes are known: these take more than JSON does. */
export const maxBodyBytesOf = (method: string, path: string): number | undefined => {
  const isUpload =
    (method === 'POST' && path === '/v1/media/upload') ||
    (method === 'PUT' && path.startsWith('/v1/files/'))
  return isUpload ? WORKSPACE_LIMITS.maxFileBytes + FORM_OVERHEAD_BYTES : undefined
}
