/** The rows of MCP servers as they are asked for and answered. Keys go in and never come out again. */
import { z } from 'zod'
import { sealMcpSecret } from '../crypto/mcp-secret.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import {
  isAgreed,
  MAX_MCP_CALL_SECONDS,
  MAX_MCP_SERVER_NAME,
  MCP_SERVER_NAME,
  MCP_TRANSPORTS,
  type McpServer,
  type McpTool,
} from '../domain/mcp.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { OperationContext } from './context.ts'
import { checkPrivateNetwork } from './provider-fields.ts'

const MASKED = '***'
const MAX_HEADERS = 20
const MAX_AGENTS = 200

export const reference = z.string().max(100)

/** What everybody of the tenant may know: that it is there. */
export const listedServer = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  transport: z.enum(MCP_TRANSPORTS),
  enabled: z.boolean(),
  tools: z.number(),
  /** Tools that wait for an admin to agree. */
  waiting: z.number(),
})

export const toListed = (server: McpServer): z.infer<typeof listedServer> => ({
  id: server.id,
  name: server.name,
  display_name: server.displayName,
  transport: server.transport,
  enabled: server.enabled,
  tools: server.tools.length,
  waiting: server.tools.filter((tool) => !isAgreed(tool)).length,
})

export const serverRow = listedServer.extend({
  url: z.string(),
  agents: z.array(z.string()),
  timeout_seconds: z.number(),
  allow_private_network: z.boolean(),
  headers: z.string(),
  authorization: z.string(),
  protocol_version: z.string().nullable(),
  checked_at: z.number().nullable(),
})

/** The same mask for every key: neither how many there are nor their length is told. */
const masked = (sealed: string | null): string => (sealed === null ? '' : MASKED)

export const toRow = (server: McpServer): z.infer<typeof serverRow> => ({
  ...toListed(server),
  url: server.url,
  agents: [...server.allowedAgents],
  timeout_seconds: server.timeoutSeconds,
  allow_private_network: server.allowPrivateNetwork,
  headers: masked(server.sealedHeaders),
  authorization: masked(server.sealedAuthorization),
  protocol_version: server.protocolVersion,
  checked_at: server.checkedAt,
})

export const toolRow = z.object({
  name: z.string(),
  offered_as: z.string(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
  hash: z.string(),
  state: z.enum(['agreed', 'new', 'changed']),
})

export const toToolRow = (tool: McpTool): z.infer<typeof toolRow> => ({
  name: tool.name,
  offered_as: tool.offeredName,
  description: tool.description,
  schema: { ...tool.schema },
  hash: tool.hash,
  state: isAgreed(tool) ? 'agreed' : tool.agreedHash === null ? 'new' : 'changed',
})

/** The protocol's own; one of them set by hand would make another request of it. */
const RESERVED: ReadonlySet<string> = new Set([
  'accept',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'last-event-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export const headersSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a header name')
      .refine((name) => {
        const lower = name.toLowerCase()
        return !RESERVED.has(lower) && !lower.startsWith('mcp-')
      }, 'is a header that the protocol sets itself'),
    z
      .string()
      .min(1)
      .max(8_000)
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
      .refine((value) => value !== MASKED, 'is the mask: give every header anew, or none'),
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, 'too many headers')

const keySchema = z
  .string()
  .max(8_000)
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')

/** A key by itself goes as a bearer; what a server wants otherwise is a header. */
export const secretFields = {
  api_key: keySchema.nullish(),
  headers: headersSchema.nullish(),
  oauth_client_id: z.string().max(2_000).nullish(),
  oauth_client_secret: z.string().max(2_000).nullish(),
}

export const createFields = {
  name: z
    .string()
    .max(MAX_MCP_SERVER_NAME)
    .regex(MCP_SERVER_NAME, 'must be small letters and digits, single _ or - between them'),
  display_name: z.string().max(200).default(''),
  url: z.string().max(2_000),
  transport: z.enum(MCP_TRANSPORTS).default('streamable-http'),
  agents: z.array(z.string().max(64)).max(MAX_AGENTS).default([]),
  timeout_seconds: z.int().min(1).max(MAX_MCP_CALL_SECONDS).default(MAX_MCP_CALL_SECONDS),
  allow_private_network: z.boolean().default(false),
  enabled: z.boolean().default(true),
  ...secretFields,
}

export const updateFields = {
  display_name: z.string().max(200).optional(),
  url: z.string().max(2_000).optional(),
  transport: z.enum(MCP_TRANSPORTS).optional(),
  agents: z.array(z.string().max(64)).max(MAX_AGENTS).optional(),
  timeout_seconds: z.int().min(1).max(MAX_MCP_CALL_SECONDS).optional(),
  allow_private_network: z.boolean().optional(),
  enabled: z.boolean().optional(),
  ...secretFields,
}

export interface GivenSecrets {
  readonly api_key?: string | null | undefined
  readonly headers?: Readonly<Record<string, string>> | null | undefined
  readonly oauth_client_id?: string | null | undefined
  readonly oauth_client_secret?: string | null | undefined
}

/** A client's secret alone would be kept nowhere: it is refused instead of dropped. */
export const checkClient = (given: GivenSecrets): Result<null, Refusal> =>
  given.oauth_client_secret && !given.oauth_client_id
    ? err(
        refusal(
          'INVALID_REQUEST',
          'oauth_client_secret belongs to an oauth_client_id: send both of them',
        ),
      )
    : ok(null)

/** What a change does to the stored secrets: an absent member leaves them, an empty one takes them away. */
export async function sealedSecrets(
  { services, principal }: OperationContext,
  id: string,
  given: GivenSecrets,
): Promise<Partial<Pick<McpServer, 'sealedHeaders' | 'sealedAuthorization'>>> {
  const { keyRing } = services
  const { tenantId } = principal
  const { api_key: key, oauth_client_id: clientId, oauth_client_secret: clientSecret } = given
  const isKeyGiven = key !== undefined && key !== MASKED
  const bearer = isKeyGiven && key ? { authorization: `Bearer ${key}` } : {}
  const headers = { ...given.headers, ...bearer }
  const areHeadersGiven = isKeyGiven || given.headers !== undefined
  const hasHeaders = Object.keys(headers).length > 0
  const client = clientId
    ? { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) }
    : null
  return {
    ...(areHeadersGiven && {
      sealedHeaders: hasHeaders
        ? await sealMcpSecret(keyRing, tenantId, id, 'sealed_headers', JSON.stringify(headers))
        : null,
    }),
    ...(clientId !== undefined && {
      sealedAuthorization: client
        ? await sealMcpSecret(
            keyRing,
            tenantId,
            id,
            'sealed_authorization',
            JSON.stringify({ client }),
          )
        : null,
    }),
  }
}

export function namedServer(
  { mcpServers }: TenantSnapshot,
  named: string,
): Result<McpServer, Refusal> {
  const found = byIdOrName(mcpServers, named)
  return found ? ok(found) : err(notFound('MCP server'))
}

export function checkServer(
  context: OperationContext,
  server: Pick<McpServer, 'url' | 'allowPrivateNetwork' | 'allowedAgents'>,
): Result<null, Refusal> {
  const allowed = checkPrivateNetwork(context, server)
  if (!allowed.ok) return allowed
  const address = context.mcp.checkAddress(server)
  if (!address.ok) return err(refusal('INVALID_REQUEST', `the URL is refused: ${address.error}`))
  return checkAgents(context, server.allowedAgents)
}

/** Lists of agents name keys, or `*`; what is not there yet would be granted to whoever takes the name. */
export function checkAgents(
  { snapshot }: Pick<OperationContext, 'snapshot'>,
  keys: readonly string[],
): Result<null, Refusal> {
  const unknown = keys.find((key) => key !== '*' && findAgent(snapshot, key)?.key !== key)
  return unknown === undefined
    ? ok(null)
    : err(refusal('INVALID_REQUEST', `there is no agent ${JSON.stringify(unknown)}`))
}
