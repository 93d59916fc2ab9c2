/** One MCP server as admins see it, and what is sent of its form: keys go in and never come out again. */
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { isSameJson } from '../../client/json.ts'
import { parseHeaders } from '../traces/headers.ts'

export type ListedServer = ResultOf<'mcp.servers.list'>['servers'][number]
export type Server = ResultOf<'mcp.servers.get'>
export type Tool = ResultOf<'mcp.servers.tools'>['tools'][number]

export const TRANSPORTS = [
  ['streamable-http', 'Streamable HTTP'],
  ['sse', 'SSE (older)'],
] as const
export type Transport = (typeof TRANSPORTS)[number][0]

export const transportWords = (transport: Transport): string =>
  TRANSPORTS.find(([value]) => value === transport)?.[1] ?? transport

export interface ServerFields {
  readonly displayName: string
  readonly url: string
  readonly transport: Transport
  readonly agents: readonly string[]
  readonly timeoutSeconds: number
  readonly allowsPrivateNetwork: boolean
  /** What was typed; empty: nothing. */
  readonly key: string
  readonly headers: string
  readonly clientId: string
  readonly clientSecret: string
  /** What is stored is to go. */
  readonly forgetsKeys: boolean
}

export const MAX_SECONDS = 60

export const blankServer: ServerFields = {
  displayName: '',
  url: '',
  transport: 'streamable-http',
  agents: [],
  timeoutSeconds: MAX_SECONDS,
  allowsPrivateNetwork: false,
  key: '',
  headers: '',
  clientId: '',
  clientSecret: '',
  forgetsKeys: false,
}

export const fieldsOf = (server: Server): ServerFields => ({
  ...blankServer,
  displayName: server.display_name,
  url: server.url,
  transport: server.transport,
  agents: server.agents,
  timeoutSeconds: server.timeout_seconds,
  allowsPrivateNetwork: server.allow_private_network,
})

/** @throws with the line that is no header. */
function secretsOf(fields: ServerFields) {
  const headers = parseHeaders(fields.headers)
  if (!headers.ok) throw new Error(headers.problem)
  const hasHeaders = Object.keys(headers.value).length > 0
  return {
    ...(fields.key === '' ? {} : { api_key: fields.key }),
    ...(hasHeaders ? { headers: headers.value } : {}),
    ...(fields.clientId === '' ? {} : { oauth_client_id: fields.clientId }),
    ...(fields.clientSecret === '' ? {} : { oauth_client_secret: fields.clientSecret }),
  }
}

export const createParams = (
  name: string,
  fields: ServerFields,
): ParamsOf<'mcp.servers.create'> => ({
  name,
  display_name: fields.displayName,
  url: fields.url,
  transport: fields.transport,
  agents: fields.agents,
  timeout_seconds: fields.timeoutSeconds,
  ...(fields.allowsPrivateNetwork ? { allow_private_network: true } : {}),
  ...secretsOf(fields),
})

/** Only what differs; null when nothing does. */
export function updateParams(
  server: Server,
  fields: ServerFields,
): ParamsOf<'mcp.servers.update'> | null {
  const isKept = fields.allowsPrivateNetwork === server.allow_private_network
  const changes = {
    ...(fields.displayName === server.display_name ? {} : { display_name: fields.displayName }),
    ...(fields.url === server.url ? {} : { url: fields.url }),
    ...(fields.transport === server.transport ? {} : { transport: fields.transport }),
    // The form has them in its own order; one that is gone may stay, and may not be given anew.
    ...(isSameJson(fields.agents.toSorted(), server.agents.toSorted())
      ? {}
      : { agents: fields.agents }),
    ...(fields.timeoutSeconds === server.timeout_seconds
      ? {}
      : { timeout_seconds: fields.timeoutSeconds }),
    ...(isKept ? {} : { allow_private_network: fields.allowsPrivateNetwork }),
    ...(fields.forgetsKeys ? { headers: null, oauth_client_id: null } : {}),
    ...secretsOf(fields),
  }
  return Object.keys(changes).length === 0 ? null : { id: server.id, ...changes }
}
