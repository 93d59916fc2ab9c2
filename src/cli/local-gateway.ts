/**
 * Which gateway a command talks to: flags first, then the environment, then the profile that one has
 * logged in with, then the state folder. A token goes to the gateway it was stored for and no other.
 */
import { resolve } from 'node:path'
import { EXIT } from './exit-codes.ts'
import { CliFailure, usageFailure } from './failure.ts'
import type { FlagSpec } from './flags.ts'
import { isLoopbackUrl, isReadableInBetween, parseGatewayUrl } from './gateway-url.ts'
import { type Profiles, profileNamed, readProfiles } from './profiles.ts'
import { DEFAULT_PORT, DEFAULT_STATE, type Environment } from './start/options.ts'
import { readLocalGateway } from './start/state.ts'

export const GATEWAY_FLAGS: readonly FlagSpec[] = [
  { name: 'profile', value: 'NAME', help: 'the gateway of this login (see edgeclaw profiles)' },
  { name: 'url', value: 'URL', help: 'another gateway; its token is taken from EDGECLAW_TOKEN' },
  {
    name: 'state',
    value: 'DIR',
    help: `state folder of a local gateway (default ${DEFAULT_STATE})`,
  },
  { name: 'plain-http', help: 'send the token unencrypted to another machine' },
]

export interface GatewayAddress {
  readonly url: string
  /** Null: none is needed, or none is known. */
  readonly token: string | null
}

/** Where the address was found, for whoami and the doctor. */
export type AddressSource =
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'flag' | 'environment' | 'state' | 'default' }

export type FoundGateway = GatewayAddress & { readonly source: AddressSource }

export interface Known {
  readonly readLocal: typeof readLocalGateway
  readonly readProfiles: (env: Environment) => Profiles
}

export function findGateway(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  known?: Known,
): FoundGateway {
  const found = locate(flags, env, known)
  const { url, token, source } = found
  // One that was logged in to was checked then, and was allowed to be unencrypted by hand.
  if (source.kind === 'profile') return found
  const { origin } = parseGatewayUrl(url)
  const isExposed = token !== null && isReadableInBetween(new URL(origin))
  if (isExposed && !flags.has('plain-http') && env['EDGECLAW_PLAIN_HTTP'] !== '1')
    throw usageFailure(
      `${origin} is not encrypted: use https://, or say --plain-http (EDGECLAW_PLAIN_HTTP=1) where nobody listens`,
    )
  return { ...found, url: origin }
}

function locate(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  known: Known = { readLocal: readLocalGateway, readProfiles },
): FoundGateway {
  const name = flags.get('profile')
  if (name !== undefined) {
    // Named by hand, and so before the environment: its own token goes to its own address.
    const { url, token } = profileNamed(known.readProfiles(env), name)
    return { url, token, source: { kind: 'profile', name } }
  }
  const url = flags.get('url') ?? (env['EDGECLAW_URL'] || undefined)
  const token = env['EDGECLAW_TOKEN'] || undefined
  const source = flags.has('url') ? 'flag' : url === undefined ? undefined : 'environment'
  if (url !== undefined && source !== undefined && token !== undefined)
    return { url, token: token === 'none' ? null : token, source: { kind: source } }
  // A secret that a script failed to fetch must not become whatever else lies on this machine.
  if (url !== undefined && env['EDGECLAW_TOKEN'] === '')
    throw new CliFailure('EDGECLAW_TOKEN is empty: set it, or unset it', EXIT.unauthorised)
  const stored = storedGateway(flags, env, known)
  const isElsewhere = url !== undefined && !isSameGateway(url, stored.url)
  // It was set for some gateway, and nothing says that it was for this one.
  if (url === undefined && token !== undefined && token !== 'none' && !isOnThisMachine(stored.url))
    throw usageFailure(
      `EDGECLAW_TOKEN is set, and not for which gateway: set EDGECLAW_URL beside it, or unset it to use ${stored.url}`,
    )
  return {
    url: url ?? stored.url,
    token: token === 'none' ? null : (token ?? (isElsewhere ? null : stored.token)),
    source: source === undefined ? stored.source : { kind: source },
  }
}

/** A state folder that was named wins over a login, a login over a folder that merely lies here. */
function storedGateway(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  { readLocal, readProfiles }: Known,
): FoundGateway {
  const named = flags.get('state') ?? (env['EDGECLAW_STATE'] || undefined)
  if (named === undefined) {
    const profiles = readProfiles(env)
    if (profiles.current !== null) {
      const { current } = profiles
      return { ...profileNamed(profiles, current), source: { kind: 'profile', name: current } }
    }
  }
  const folder = resolve(named ?? DEFAULT_STATE)
  const local = readLocal(folder)
  // A folder that merely lies here may have come with somebody else's files.
  if (named === undefined && local.url !== null && !isOnThisMachine(local.url))
    throw usageFailure(
      `${folder} names a gateway on another machine: say --state ${DEFAULT_STATE}, or log in to it`,
    )
  return {
    url: local.url ?? `http://127.0.0.1:${DEFAULT_PORT}`,
    token: local.token,
    source: { kind: local.url === null ? 'default' : 'state' },
  }
}

const isOnThisMachine = (url: string): boolean => URL.canParse(url) && isLoopbackUrl(new URL(url))

const isSameGateway = (a: string, b: string): boolean =>
  URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
