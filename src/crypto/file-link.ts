/**
 * Signed links to a file: good for minutes, for one method and path of one workspace, and only as
 * long as the credential that asked for them. A link names that credential and proves nothing of what
 * it is worth now: whoever redeems it asks again.
 */
import { z } from 'zod'
import { agentIdSchema, tenantIdSchema, userIdSchema } from '../domain/ids.ts'
import { principalSchema } from '../domain/principal.ts'
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from './encoding.ts'
import type { KeyRing } from './keys.ts'
import { isTagOfRing, tagOfRing } from './ring-mac.ts'

/** A principal's ids and lists of agents; longer is none of ours. */
const MAX_LINK_CHARS = 4_096

const grantSchema = z.object({
  tenantId: tenantIdSchema,
  agentId: agentIdSchema,
  /** Whose workspace it is. */
  userId: userIdSchema,
  /** Who asked for the link; what they may do is looked up anew. */
  holder: z.object({
    userId: userIdSchema,
    isMasterScope: z.boolean(),
    credential: principalSchema.shape.credential,
    allowedAgents: principalSchema.shape.allowedAgents,
  }),
  expiresAt: z.number(),
})
export type FileGrant = z.infer<typeof grantSchema>

/** What a link is for; it stands in the request and not in the link. */
export interface LinkTarget {
  readonly method: 'GET'
  readonly path: string
}

const tagged = (payload: string, { method, path }: LinkTarget): string =>
  JSON.stringify(['file-link', method, path, payload])

const place = ({ tenantId }: FileGrant) => ({ tenantId, purpose: 'file-link' }) as const

export async function makeFileLink(
  ring: KeyRing,
  grant: FileGrant,
  target: LinkTarget,
): Promise<string> {
  const payload = toBase64Url(utf8(JSON.stringify(grant)))
  const tag = await tagOfRing(ring, place(grant), tagged(payload, target))
  return `${payload}.${toBase64Url(tag)}`
}

/** Null for a link that is forged, over, or for another file or method; those are not told apart. */
export async function openFileLink(
  ring: KeyRing,
  link: string,
  target: LinkTarget,
  now: number,
): Promise<FileGrant | null> {
  if (link.length > MAX_LINK_CHARS) return null
  const [payload = '', tagText = '', ...rest] = link.split('.')
  const tag = parseBase64Url(tagText)
  const grant = rest.length === 0 ? parseGrant(payload) : null
  if (!grant || !tag) return null
  // The tenant that it names chooses the key, under which no other tenant's link has this tag.
  if (!(await isTagOfRing(ring, place(grant), tagged(payload, target), tag))) return null
  return grant.expiresAt > now ? grant : null
}

function parseGrant(payload: string): FileGrant | null {
  const bytes = parseBase64Url(payload)
  const text = bytes && parseUtf8(bytes)
  if (!text) return null
  try {
    return grantSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
