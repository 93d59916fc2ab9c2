/** Which gateway a command talks to: flags first, then the environment, then the state folder. */
import { resolve } from 'node:path'
import type { FlagSpec } from './flags.ts'
import { DEFAULT_PORT, DEFAULT_STATE, type Environment } from './start/options.ts'
import { readLocalGateway } from './start/state.ts'

export const GATEWAY_FLAGS: readonly FlagSpec[] = [
  { name: 'url', value: 'URL', help: 'the gateway (default: the one of the state folder)' },
  { name: 'token', value: 'T', help: 'gateway token or API key (default: the state folder’s)' },
  {
    name: 'state',
    value: 'DIR',
    help: `state folder of a local gateway (default ${DEFAULT_STATE})`,
  },
]

export interface GatewayAddress {
  readonly url: string
  /** Null: none is needed, or none is known. */
  readonly token: string | null
}

export function findGateway(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  read = readLocalGateway,
): GatewayAddress {
  const url = flags.get('url') ?? (env['EDGECLAW_URL'] || undefined)
  const token = flags.get('token') ?? (env['EDGECLAW_TOKEN'] || undefined)
  const local = read(resolve(flags.get('state') ?? (env['EDGECLAW_STATE'] || DEFAULT_STATE)))
  const isElsewhere = url !== undefined && url !== local.url
  return {
    url: url ?? local.url ?? `http://127.0.0.1:${DEFAULT_PORT}`,
    // The local gateway's token is sent to nobody else.
    token: token === 'none' ? null : (token ?? (isElsewhere ? null : local.token)),
  }
}
