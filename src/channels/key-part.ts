/**
 * A foreign id as one part of a session key or of a user's id: lower case, without the separator, and
 * no two ids become one part. Platforms spell ids as they like; some of them strangers choose.
 */
import { sha256Hex } from '../crypto/digest.ts'

/** What stands for itself. `=` begins everything that does not. */
const PLAIN = /^[a-z0-9.@+-]+$/
const OTHERS = /[^a-z0-9.@+-]/g
/** Slack's ids: legible, and told apart from their own lower case. */
const CAPITALS = /^[A-Z0-9]+$/
const CAPITALS_MARK = '=u'
const EMPTY = '='

/** Three parts and the words between them fit into a session key. */
export const MAX_PART_CHARS = 56
const READABLE_CHARS = 20
/** 128 bits: nobody finds another id of the same digest. */
const DIGEST_CHARS = 32

/** `=2f`, and `=x20ac` past one byte: by UTF-16 units, so that half a pair is no other half. */
const escapeUnit = (unit: string): string => {
  const hex = unit.charCodeAt(0).toString(16)
  return hex.length <= 2 ? `=${hex.padStart(2, '0')}` : `=x${hex.padStart(4, '0')}`
}

function escaped(id: string): string {
  if (id === '') return EMPTY
  if (PLAIN.test(id)) return id
  if (CAPITALS.test(id)) return `${id.toLowerCase()}${CAPITALS_MARK}`
  return id.replaceAll(OTHERS, escapeUnit)
}

export async function keyPart(id: string): Promise<string> {
  const part = escaped(id)
  if (part.length <= MAX_PART_CHARS) return part
  // `=h` escapes nothing, so no short id looks like the digest of a long one.
  const readable = part.slice(0, READABLE_CHARS).replaceAll('=', '-')
  return `${readable}=h${(await sha256Hex(part)).slice(0, DIGEST_CHARS)}`
}
