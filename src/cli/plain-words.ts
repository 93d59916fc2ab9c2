/** What went wrong between a command and the gateway, as its user would say it; a bug stays a bug. */
import { DisconnectedError, RefusedError } from './client.ts'
import { CliFailure } from './failure.ts'
import type { GatewayAddress } from './local-gateway.ts'

export function inPlainWords(error: unknown, { url, token }: GatewayAddress): unknown {
  if (error instanceof DisconnectedError) {
    return error.code === 1006
      ? new CliFailure(`no gateway answers at ${url}; start one with: npm start`)
      : new CliFailure(`the gateway at ${url} closed the connection: ${error.message}`)
  }
  if (!(error instanceof RefusedError)) return error
  const { code, message, retryAfterMs } = error.refusal
  if (code === 'UNAUTHORIZED' && token === null) {
    return new CliFailure(`${message}. Give a token with --token T or EDGECLAW_TOKEN`)
  }
  const wait = retryAfterMs ? `; try again in ${Math.ceil(retryAfterMs / 1000)} s` : ''
  return new CliFailure(`${message} (${code})${wait}`)
}
