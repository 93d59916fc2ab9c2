/**
 * The two cookies of a sign-in. Both are for this host alone, out of reach of scripts, and short: one
 * carries the sealed state to the issuer and back, one the right to fetch the token, once.
 */
import { z } from 'zod'
import { openLoginState, sealLoginState } from '../../crypto/issuer-secret.ts'
import type { KeyRing } from '../../crypto/keys.ts'
import type { TenantId } from '../../domain/ids.ts'
import { tenantOfIssuerId } from '../../domain/issuer.ts'

/** RFC 6265bis section 4.1.3.2: `__Host-` is taken only if secure, for `/`, and set by this very host. */
const STATE = '__Host-edgeclaw-login-state'
const HANDOFF = '__Host-edgeclaw-login'

export const STATE_SECONDS = 10 * 60
export const HANDOFF_SECONDS = 60

const stateSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  /** The issuer's row as it stood: changed on the way, the sign-in begins anew. */
  revision: z.number(),
  /** SHA-256 of an invitation's secret, for somebody who is no member yet. */
  invitation: z.string().optional(),
  expiresAt: z.number(),
})
export type LoginState = Readonly<z.infer<typeof stateSchema>>

/** Strict where no other site leads here; a redirect from the issuer is one that does. */
const cookie = (name: string, value: string, seconds: number, sameSite: 'Lax' | 'Strict'): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=${sameSite}`

export const clearedState = (): string => cookie(STATE, '', 0, 'Lax')
export const clearedHandoff = (): string => cookie(HANDOFF, '', 0, 'Strict')
export const handoffCookie = (token: string): string =>
  cookie(HANDOFF, token, HANDOFF_SECONDS, 'Strict')

/** Null when there is none, or more than one: which of them counts is not for others to tune. */
function cookieIn(header: string | null, name: string): string | null {
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
  return found.length === 1 ? (found[0]?.slice(name.length + 1) ?? null) : null
}

export const handoffIn = (header: string | null): string | null => cookieIn(header, HANDOFF)

export async function stateCookie(
  ring: KeyRing,
  tenantId: TenantId,
  issuerId: string,
  state: LoginState,
): Promise<string> {
  const sealed = await sealLoginState(ring, tenantId, issuerId, JSON.stringify(state))
  return cookie(STATE, `${issuerId}.${sealed}`, STATE_SECONDS, 'Lax')
}

export interface FoundState {
  readonly tenantId: TenantId
  readonly issuerId: string
  readonly state: LoginState
}

/** Null for a state that is not ours, of another issuer, or over. */
export async function stateIn(
  header: string | null,
  ring: KeyRing,
  now: number,
): Promise<FoundState | null> {
  const [issuerId = '', sealed = ''] = cookieIn(header, STATE)?.split('.', 2) ?? []
  const tenantId = tenantOfIssuerId(issuerId)
  if (tenantId === null) return null
  const opened = await openLoginState(ring, tenantId, issuerId, sealed)
  if (!opened.ok) return null
  const state = stateSchema.safeParse(JSON.parse(opened.value.text))
  if (!state.success || state.data.expiresAt <= now) return null
  return { tenantId, issuerId, state: state.data }
}
