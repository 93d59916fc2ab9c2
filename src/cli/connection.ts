/** One connection for one command: found, opened, asked, closed, and every failure in plain words. */
import { GatewayClient, type Hello, RefusedError } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'
import type { FlagSpec } from './flags.ts'
import { type FoundGateway, findGateway, GATEWAY_FLAGS } from './local-gateway.ts'
import { inPlainWords } from './plain-words.ts'
import type { Environment } from './start/options.ts'

/** What every command takes that asks a gateway. */
export const CONNECTION_FLAGS: readonly FlagSpec[] = [
  { name: 'json', help: 'print what the gateway answers, as one JSON document' },
  { name: 'tenant', value: 'ID', help: 'id or slug of the tenant (only some credentials may)' },
  { name: 'user', value: 'ID', help: 'act as this user (only some credentials may)' },
  ...GATEWAY_FLAGS,
]

const NOT_LET_IN =
  'the gateway does not know this machine. Log in with: edgeclaw login, or edgeclaw login --pair CODE'

export interface Connection {
  readonly client: GatewayClient
  readonly hello: Hello
  readonly address: FoundGateway
}

/** @throws CliFailure for whatever a person can act on. */
export async function withGateway<T>(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const address = findGateway(flags, env)
  const [tenantId, userId] = [flags.get('tenant'), flags.get('user')]
  try {
    const { client, hello } = await GatewayClient.connect({
      url: address.url,
      token: address.token,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(userId === undefined ? {} : { userId }),
    }).catch((error: unknown) => {
      throw tenantIsAbsent(error, tenantId) ?? error
    })
    try {
      // A gateway that waits for a pairing greets, and says no role.
      if (hello?.role === undefined) throw new CliFailure(NOT_LET_IN, EXIT.unauthorised)
      return await use({ client, hello, address })
    } finally {
      client.close()
    }
  } catch (error) {
    throw inPlainWords(error, address)
  }
}

/** Where only the tenant that was named can be what was not found; null for everything else. */
export const tenantIsAbsent = (error: unknown, tenant: string | undefined): CliFailure | null =>
  tenant !== undefined && error instanceof RefusedError && error.refusal.code === 'NOT_FOUND'
    ? new CliFailure(`there is no tenant ${JSON.stringify(tenant)} for this credential`)
    : null
