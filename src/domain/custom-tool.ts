/**
 * Tools that a tenant defines itself, as its snapshot carries them: a request to a fixed address, or a
 * command for the sandbox. What is secret in them stays sealed here.
 */
import { z } from 'zod'
import { jsonObjectSchema } from './mcp.ts'

export const CUSTOM_TOOL_KINDS = ['http', 'script'] as const
export const CUSTOM_HTTP_METHODS = ['GET', 'POST', 'DELETE'] as const

/** Groups that a request may stand in. A command is of `runtime` always, as `exec` is. */
export const CUSTOM_HTTP_GROUPS = ['web', 'messaging', 'automation'] as const
export const CUSTOM_TOOL_GROUPS = [...CUSTOM_HTTP_GROUPS, 'runtime'] as const

/** Begins the names of all of them, and of no built-in tool. */
export const CUSTOM_TOOL_PREFIX = 'custom_'
export const CUSTOM_TOOL_NAME = /^custom_[a-z0-9]{1,32}(?:_[a-z0-9]{1,32}){0,5}$/
export const MAX_CUSTOM_TOOL_NAME = 64

export const customRequestSchema = z.object({
  method: z.enum(CUSTOM_HTTP_METHODS),
  /** Path with `{argument}` parts; begins with a slash. */
  path: z.string(),
  /** Values with `{argument}` parts; one that is only an argument which is not given is left out. */
  query: z.record(z.string(), z.string()),
  /** JSON whose strings may hold `{argument}` parts; null sends none. */
  body: z.unknown(),
})
export type CustomRequest = Readonly<z.infer<typeof customRequestSchema>>

export const customToolSchema = z.object({
  id: z.string(),
  /** `custom_…` */
  name: z.string(),
  description: z.string(),
  kind: z.enum(CUSTOM_TOOL_KINDS),
  group: z.enum(CUSTOM_TOOL_GROUPS),
  /** Keys of agents; `*` is all of them. An empty list is nobody. */
  allowedAgents: z.array(z.string()).readonly(),
  /** JSON Schema of the arguments. */
  parameters: jsonObjectSchema,
  /** Of `http`: scheme, host and port, which no argument can change. */
  origin: z.string().nullable(),
  request: customRequestSchema.nullable(),
  /** Of `script`. */
  command: z.string(),
  timeoutSeconds: z.number(),
  /** Sealed JSON object of header names and values; gone with the origin. */
  sealedHeaders: z.string().nullable(),
  /** Sealed JSON object of variables, for this command's process alone; gone with the command. */
  sealedEnv: z.string().nullable(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
  /** Rises with every change of the row. */
  revision: z.number(),
})
export type CustomTool = Readonly<z.infer<typeof customToolSchema>>

export const mayUseCustomTool = (
  { enabled, allowedAgents }: Pick<CustomTool, 'enabled' | 'allowedAgents'>,
  agentKey: string,
): boolean => enabled && (allowedAgents.includes('*') || allowedAgents.includes(agentKey))
