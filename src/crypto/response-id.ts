/**
 * Ids of responses: which conversation one is part of, tagged for the tenant and user it was given
 * to. Nothing is kept for them, and to anybody else they are no ids at all.
 */
import type { TenantId, UserId } from '../domain/ids.ts'
import { concatBytes, parseBase64Url, parseUtf8, toBase64Url, utf8 } from './encoding.ts'
import type { KeyRing } from './keys.ts'
import { isTagOfRing, tagOfRing } from './ring-mac.ts'

const PREFIX = 'resp_'
const TAG_BYTES = 32
/** A session key has 400 characters at most, and a run's id some thirty. */
const MAX_ID_CHARS = 1_024

export interface ResponsePlace {
  readonly sessionKey: string
  readonly runId: string
}

/** Whom an id is given to. */
interface Holder {
  readonly tenantId: TenantId
  readonly userId: UserId
}

const macPlace = ({ tenantId }: Holder) => ({ tenantId, purpose: 'conversation' }) as const

/** Begins like nothing else that is tagged for this purpose. */
const tagged = ({ userId }: Holder, text: string): string =>
  JSON.stringify(['response-id', userId, text])

export async function makeResponseId(
  ring: KeyRing,
  holder: Holder,
  { sessionKey, runId }: ResponsePlace,
): Promise<string> {
  const text = JSON.stringify([sessionKey, runId])
  const tag = await tagOfRing(ring, macPlace(holder), tagged(holder, text))
  return `${PREFIX}${toBase64Url(concatBytes(tag, utf8(text)))}`
}

/** Null for whatever was not given to this user of this tenant. */
export async function openResponseId(
  ring: KeyRing,
  holder: Holder,
  id: string,
): Promise<ResponsePlace | null> {
  if (!id.startsWith(PREFIX) || id.length > MAX_ID_CHARS) return null
  const bytes = parseBase64Url(id.slice(PREFIX.length))
  const text = bytes && parseUtf8(bytes.subarray(TAG_BYTES))
  if (!bytes || !text) return null
  const tag = bytes.subarray(0, TAG_BYTES)
  if (!(await isTagOfRing(ring, macPlace(holder), tagged(holder, text), tag))) return null
  const [sessionKey, runId] = JSON.parse(text) as [string, string]
  return { sessionKey, runId }
}
