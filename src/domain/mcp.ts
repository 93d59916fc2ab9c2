/**
 * MCP servers of a tenant as its snapshot carries them: where they are, who may use them, and their
 * tools as an admin agreed to them. What a server says of itself today is no part of it.
 */
import { z } from 'zod'

export const MCP_TRANSPORTS = ['streamable-http', 'sse'] as const
export type McpTransport = (typeof MCP_TRANSPORTS)[number]

/** Models are offered no more of one server; every tool costs each of their calls its description. */
export const MAX_MCP_TOOLS = 128
export const MAX_MCP_CALL_SECONDS = 60

/** Begins the names of all tools that come from servers: no built-in tool's name does. */
const TOOL_PREFIX = 'mcp_'
const SEPARATOR = '__'

/**
 * Neither two underscores in a row nor one at the end: what stands before the first `__` of a tool's
 * name is the server's alone, so that no server answers for another's tool.
 */
export const MCP_SERVER_NAME = /^[a-z0-9]{1,32}(?:[_-][a-z0-9]{1,32}){0,8}$/
export const MAX_MCP_SERVER_NAME = 32

export const mcpToolPrefix = (server: string): string => `${TOOL_PREFIX}${server}${SEPARATOR}`

export const jsonObjectSchema = z.record(z.string(), z.unknown())
export type JsonObject = Readonly<z.infer<typeof jsonObjectSchema>>

export const mcpToolSchema = z.object({
  /** As the server calls it. */
  name: z.string(),
  /** As models and policies call it: `mcp_{server}__{tool}`. */
  offeredName: z.string(),
  /** Cut, and without what reads like a marker. */
  description: z.string(),
  /** JSON Schema of its arguments. */
  schema: jsonObjectSchema,
  /** SHA-256 of description and schema as the server last gave them. */
  hash: z.string(),
  /** The same of what an admin agreed to; null: nobody has yet. */
  agreedHash: z.string().nullable(),
})
export type McpTool = Readonly<z.infer<typeof mcpToolSchema>>

export const isAgreed = ({ hash, agreedHash }: Pick<McpTool, 'hash' | 'agreedHash'>): boolean =>
  hash === agreedHash

export const mcpServerSchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  transport: z.enum(MCP_TRANSPORTS),
  url: z.string(),
  /** Sealed JSON object of header names and values; opened only for the connection that needs it. */
  sealedHeaders: z.string().nullable(),
  /** Sealed: client, tokens and where they are from; see `mcpAuthorizationSchema`. */
  sealedAuthorization: z.string().nullable(),
  timeoutSeconds: z.number(),
  tools: z.array(mcpToolSchema).readonly(),
  /** Of the last look at it; null before the first. */
  protocolVersion: z.string().nullable(),
  checkedAt: z.number().nullable(),
  /** Keys of agents; `*` is all of them. An empty list is nobody. */
  allowedAgents: z.array(z.string()).readonly(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
  /** Rises with every change of the row. */
  revision: z.number(),
})
export type McpServer = Readonly<z.infer<typeof mcpServerSchema>>

export const mayUseServer = (
  { enabled, allowedAgents }: Pick<McpServer, 'enabled' | 'allowedAgents'>,
  agentKey: string,
): boolean => enabled && (allowedAgents.includes('*') || allowedAgents.includes(agentKey))
