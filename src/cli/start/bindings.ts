/** The Worker's environment on this machine: settings and secrets, as a deployment would set them. */
import { generateRunnerKey, importRunnerKey } from '../../crypto/job-token.ts'
import { CliFailure } from '../failure.ts'
import type { Environment, StartOptions } from './options.ts'
import type { State } from './state.ts'

/** Settings of the gateway that an operator may set in the environment of `npm start` as well. */
const PASSED_ON = [
  'EDGECLAW_ENCRYPTION_KEY_PREVIOUS',
  'EDGECLAW_OWNER_IDS',
  'EDGECLAW_ALLOWED_ORIGINS',
  'EDGECLAW_TRUSTED_PROXIES',
  'EDGECLAW_RATE_CEILING_RPM',
  'EDGECLAW_ACCEPT_PLAINTEXT',
] as const

/** Null in development mode. */
export function gatewayToken(options: StartOptions, state: State): string | null {
  switch (options.token.kind) {
    case 'none':
      return null
    case 'given':
      return options.token.value
    case 'kept':
      return state.token
  }
}

export async function runnerKeyOf(state: State, env: Environment): Promise<string> {
  const given = env['EDGECLAW_RUNNER_KEY']
  if (given) {
    await importRunnerKey(given).catch(() => {
      throw new CliFailure(
        'EDGECLAW_RUNNER_KEY must be an Ed25519 private key as JWK (JSON) or PKCS #8 (PEM): the text itself, no file’s name and no public key',
      )
    })
    return given
  }
  return state.keepRunnerKey(async () => JSON.stringify((await generateRunnerKey()).privateJwk))
}

export function bindingsOf(
  options: StartOptions,
  state: State,
  url: string,
  env: Environment,
): Readonly<Record<string, string>> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = env[name]
    return value ? [[name, value] as const] : []
  })
  const token = gatewayToken(options, state)
  return {
    ...Object.fromEntries(passedOn),
    EDGECLAW_PLATFORM: 'local',
    EDGECLAW_PUBLIC_URL: options.publicUrl ?? url,
    EDGECLAW_ENCRYPTION_KEY: options.encryptionKey ?? state.encryptionKey,
    ...(token === null ? { EDGECLAW_DEVELOPMENT_MODE: '1' } : { EDGECLAW_TOKEN: token }),
  }
}
