/** A sign-in through the issuer of an organisation, as the gateway's own page asks for it. No markup. */

/** What the gateway puts behind the address when it sends somebody back from their issuer. */
const HANDED_OVER = '#signed-in'

/** Somebody whom the gateway proved; nobody is signed in here before the person says that it is them. */
export interface HandedOver {
  readonly token: string
  readonly userId: string
  readonly tenantId: string
  readonly tenantName: string
}

/** Whether somebody comes back just now; asked once, the address holds nothing of it afterwards. */
export function isComingBack(): boolean {
  if (location.hash !== HANDED_OVER) return false
  history.replaceState(null, '', location.pathname)
  return true
}

export const FAILED = 'The sign-in failed. Begin again.'

async function answerOf(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(path, { method: 'POST', ...init })
  if (!answer.ok) throw new Error(FAILED)
  return (await answer.json()) as Record<string, unknown>
}

const textOf = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error(FAILED)
  return value
}

export interface Issuer {
  readonly id: string
  readonly name: string
}

/**
 * Of the tenant that goes by this short name; none where there is no such tenant.
 * @throws where the gateway does not say, as to somebody who asks too often
 */
export async function issuersOf(slug: string): Promise<readonly Issuer[]> {
  const path = `/v1/login?tenant=${encodeURIComponent(slug)}`
  const { issuers } = await answerOf(path, { method: 'GET' })
  return issuers as readonly Issuer[]
}

/** What waits for this browser, once. It is not kept anywhere. */
export async function takeHandedOver(): Promise<HandedOver> {
  const answer = await answerOf('/v1/login/token', {})
  return {
    token: textOf(answer['token']),
    userId: textOf(answer['user_id']),
    tenantId: textOf(answer['tenant_id']),
    tenantName: textOf(answer['tenant_name']),
  }
}

/**
 * Where to go to sign in. The secret of an invitation goes in a body, never in an address.
 * @throws when the gateway does not begin it
 */
export async function beginSignIn(issuerId: string, invitation: string | null): Promise<string> {
  const answer = await answerOf(`/v1/login/${encodeURIComponent(issuerId)}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(invitation === null ? {} : { invitation }),
  })
  return textOf(answer['location'])
}
