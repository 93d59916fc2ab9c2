/** The session that an issuer's sign-in made ends at the gateway, not in this tab alone. */
import { gatewayOrigin } from './address.ts'

/** How the gateway's tokens of such sessions begin: no key, and not the gateway's own token. */
const OF_A_SIGN_IN = 'els_'

export const isOfSignIn = (token: string): boolean => token.startsWith(OF_A_SIGN_IN)

/** As well as it can: whoever leaves does not wait for it, and it goes on when the page is closed. */
export function endLogin(token: string): void {
  fetch(`${gatewayOrigin()}/v1/login-sessions/logout`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    keepalive: true,
  }).catch(() => undefined)
}
