/** The rows of custom tools as they are asked for and answered. Headers and variables only go in. */
import { z } from 'zod'
import { sealCustomToolSecret } from '../crypto/custom-tool-secret.ts'
import type { CustomToolFields, CustomToolSecrets } from '../db/custom-tools.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import {
  CUSTOM_HTTP_METHODS,
  CUSTOM_TOOL_GROUPS,
  CUSTOM_TOOL_KINDS,
  CUSTOM_TOOL_NAME,
  type CustomTool,
  MAX_CUSTOM_TOOL_NAME,
} from '../domain/custom-tool.ts'
import { jsonObjectSchema } from '../domain/mcp.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { OperationContext } from './context.ts'
import { checkAgents, headersSchema } from './mcp-server-fields.ts'
import { checkPrivateNetwork } from './provider-fields.ts'

const MASKED = '***'
const MAX_AGENTS = 200
const MAX_COMMAND_CHARS = 16_000
const MAX_BODY_CHARS = 16_000
const MAX_SECONDS = 60

const agentsSchema = z.array(z.string().max(64)).max(MAX_AGENTS)
const querySchema = z
  .record(z.string().min(1).max(200), z.string().max(2_000))
  .refine((query) => Object.keys(query).length <= 50, 'has too many members')
const bodySchema = z
  .unknown()
  .refine((body) => (JSON.stringify(body)?.length ?? 0) <= MAX_BODY_CHARS, 'is too long')
const envSchema = z.record(z.string().max(128), z.string().max(20_000))

const optional = {
  description: z.string().min(1).max(1_000),
  agents: agentsSchema,
  parameters: jsonObjectSchema,
  group: z.enum(CUSTOM_TOOL_GROUPS),
  origin: z.string().max(500),
  method: z.enum(CUSTOM_HTTP_METHODS),
  path: z.string().max(2_000),
  query: querySchema,
  body: bodySchema,
  command: z.string().max(MAX_COMMAND_CHARS),
  timeout_seconds: z.int().min(1).max(MAX_SECONDS),
  allow_private_network: z.boolean(),
  enabled: z.boolean(),
  headers: headersSchema.nullable(),
  env: envSchema.nullable(),
}

export const updateFields = z.object(optional).partial()
export const createFields = updateFields.extend({
  name: z
    .string()
    .max(MAX_CUSTOM_TOOL_NAME)
    .regex(CUSTOM_TOOL_NAME, 'must be custom_ and small letters, digits and single _'),
  kind: z.enum(CUSTOM_TOOL_KINDS),
  description: optional.description,
})
type Given = z.infer<typeof updateFields>

export const listedTool = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(CUSTOM_TOOL_KINDS),
  group: z.enum(CUSTOM_TOOL_GROUPS),
  description: z.string(),
  agents: z.array(z.string()),
  enabled: z.boolean(),
})

export const toListed = (tool: CustomTool): z.infer<typeof listedTool> => ({
  id: tool.id,
  name: tool.name,
  kind: tool.kind,
  group: tool.group,
  description: tool.description,
  agents: [...tool.allowedAgents],
  enabled: tool.enabled,
})

export const toolRow = listedTool.extend({
  parameters: z.record(z.string(), z.unknown()),
  origin: z.string().nullable(),
  method: z.enum(CUSTOM_HTTP_METHODS).nullable(),
  path: z.string().nullable(),
  query: z.record(z.string(), z.string()).nullable(),
  body: z.unknown(),
  command: z.string(),
  timeout_seconds: z.number(),
  allow_private_network: z.boolean(),
  headers: z.string(),
  env: z.string(),
})

/** Neither how many there are nor their names are told. */
const masked = (sealed: string | null): string => (sealed === null ? '' : MASKED)

export const toRow = (tool: CustomTool): z.infer<typeof toolRow> => ({
  ...toListed(tool),
  parameters: { ...tool.parameters },
  origin: tool.origin,
  method: tool.request?.method ?? null,
  path: tool.request?.path ?? null,
  query: tool.request?.query ?? null,
  body: tool.request?.body ?? null,
  command: tool.command,
  timeout_seconds: tool.timeoutSeconds,
  allow_private_network: tool.allowPrivateNetwork,
  headers: masked(tool.sealedHeaders),
  env: masked(tool.sealedEnv),
})

/** What a new tool is before anything is said of it: closed to all. */
export const blankTool = (id: string, name: string, kind: CustomTool['kind']): CustomTool => ({
  id,
  name,
  description: '',
  kind,
  group: kind === 'http' ? 'web' : 'runtime',
  allowedAgents: [],
  parameters: { type: 'object', properties: {}, additionalProperties: false },
  origin: null,
  request: kind === 'http' ? { method: 'GET', path: '/', query: {}, body: null } : null,
  command: '',
  timeoutSeconds: 30,
  sealedHeaders: null,
  sealedEnv: null,
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
})

/** The tool with what is given in place of what was there; judged and written as a whole. */
export function changedFields(tool: CustomTool, given: Given): CustomToolFields {
  const { method, path, query, body } = given
  const isRequestGiven = [method, path, query, body].some((part) => part !== undefined)
  const before = tool.request ?? { method: 'GET' as const, path: '/', query: {}, body: null }
  const request = isRequestGiven
    ? {
        method: method ?? before.method,
        path: path ?? before.path,
        query: query ?? before.query,
        body: body === undefined ? before.body : body,
      }
    : tool.request
  return {
    description: given.description ?? tool.description,
    group: given.group ?? tool.group,
    allowedAgents: given.agents ?? tool.allowedAgents,
    parameters: given.parameters ?? tool.parameters,
    origin: given.origin ?? tool.origin,
    request,
    command: given.command ?? tool.command,
    timeoutSeconds: given.timeout_seconds ?? tool.timeoutSeconds,
    allowPrivateNetwork: given.allow_private_network ?? tool.allowPrivateNetwork,
    enabled: given.enabled ?? tool.enabled,
  }
}

/** An absent member leaves what is stored, an empty one takes it away. */
export async function sealedSecrets(
  { services, principal }: OperationContext,
  { id, kind }: Pick<CustomTool, 'id' | 'kind'>,
  { headers, env }: Pick<Given, 'headers' | 'env'>,
): Promise<CustomToolSecrets> {
  const { keyRing } = services
  const { tenantId } = principal
  const seal = async (
    place: 'sealed_headers' | 'sealed_env',
    values: Readonly<Record<string, string>> | null,
  ) =>
    Object.keys(values ?? {}).length === 0
      ? null
      : sealCustomToolSecret(keyRing, tenantId, id, place, values ?? {})
  return {
    ...(headers !== undefined && kind === 'http'
      ? { sealedHeaders: await seal('sealed_headers', headers) }
      : {}),
    ...(env !== undefined && kind === 'script' ? { sealedEnv: await seal('sealed_env', env) } : {}),
  }
}

export function namedTool(
  { customTools }: TenantSnapshot,
  named: string,
): Result<CustomTool, Refusal> {
  const found = byIdOrName(customTools, named)
  return found ? ok(found) : err(notFound('custom tool'))
}

const invalid = (message: string): Result<null, Refusal> => err(refusal('INVALID_REQUEST', message))

export function checkTool(
  context: OperationContext,
  tool: CustomTool,
  given: Given,
): Result<null, Refusal> {
  const allowed = checkPrivateNetwork(context, tool)
  if (!allowed.ok) return allowed
  const { headers, env } = given
  if (headers && tool.kind !== 'http') return invalid('a command has no headers')
  if (env && tool.kind !== 'script') return invalid('a request has no variables')
  if (env && Object.keys(env).length > 0) {
    const fit = context.customTools.checkEnvironment(env)
    if (!fit.ok) return invalid(fit.error)
  }
  const checked = context.customTools.check(tool)
  if (!checked.ok) return invalid(checked.error)
  // An agent that is gone may stay in a list.
  return checkAgents(context, given.agents ?? [])
}
