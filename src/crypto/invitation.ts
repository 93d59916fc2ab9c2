/**
 * The secret of an invitation's link: 256 random bits behind a prefix that tells what it is. Only its
 * SHA-256 is stored; the entropy makes a slow hash needless.
 */
import { sha256Hex } from './digest.ts'
import { randomBase64Url } from './random.ts'

const SECRET_BYTES = 32
const INVITATION_TOKEN = /^eci_[A-Za-z0-9_-]{43}$/

export interface NewInvitationToken {
  /** Shown once to whoever invites, kept nowhere. */
  readonly token: string
  readonly hash: string
}

export async function createInvitationToken(): Promise<NewInvitationToken> {
  const token = `eci_${randomBase64Url(SECRET_BYTES)}`
  return { token, hash: await sha256Hex(token) }
}

/** Null for a text of another shape: it costs no look-up. */
export const hashInvitationToken = async (text: string): Promise<string | null> =>
  INVITATION_TOKEN.test(text) ? sha256Hex(text) : null
