/** What went wrong between a command and the gateway, as its user would say it; a bug stays a bug. */
import { DisconnectedError, RefusedError } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'
import type { GatewayAddress } from './local-gateway.ts'

/** Codes that speak of the credential, not of what was asked. */
const OF_THE_CREDENTIAL = ['UNAUTHORIZED', 'TENANT_ACCESS_REVOKED', 'NOT_PAIRED', 'NOT_LINKED']
/** Close code of a gateway that no longer accepts the credential. */
const POLICY_VIOLATION = 1008

export function inPlainWords(error: unknown, { url, token }: GatewayAddress): unknown {
  if (error instanceof DisconnectedError) {
    if (error.code === 1006)
      return new CliFailure(
        `no gateway answers at ${url}; start one with: npm start`,
        EXIT.unreachable,
      )
    return new CliFailure(
      `the gateway at ${url} closed the connection: ${error.message}`,
      error.code === POLICY_VIOLATION ? EXIT.unauthorised : EXIT.unreachable,
    )
  }
  if (!(error instanceof RefusedError)) return error
  const { code, message, retryAfterMs } = error.refusal
  const exitCode = OF_THE_CREDENTIAL.includes(code) ? EXIT.unauthorised : EXIT.refused
  if (code === 'UNAUTHORIZED' && token === null) {
    return new CliFailure(
      `${message}. Log in with: edgeclaw login, or set EDGECLAW_TOKEN`,
      exitCode,
    )
  }
  const wait = retryAfterMs ? `; try again in ${Math.ceil(retryAfterMs / 1000)} s` : ''
  return new CliFailure(`${message} (${code})${wait}`, exitCode)
}
