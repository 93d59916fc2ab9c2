/** One custom tool as admins see it, and what is sent of its form: headers and variables only go in. */
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { isJsonObject, isSameJson, type JsonObject, objectOf } from '../../client/json.ts'
import { faultOfJson, type JsonRoot } from '../configuration/json-fault.ts'
import { parseHeaders } from '../traces/headers.ts'

export type Tool = ResultOf<'tools.custom.get'>
export type ListedTool = ResultOf<'tools.custom.list'>['tools'][number]
export type Kind = Tool['kind']

export const KINDS: Readonly<Record<Kind, string>> = {
  http: 'Request to a fixed address',
  script: 'Command in the sandbox',
}

/** A command is of `runtime` always. */
export const GROUPS = [
  ['web', 'web'],
  ['messaging', 'messaging'],
  ['automation', 'automation'],
] as const

export const METHODS = [
  ['GET', 'GET'],
  ['POST', 'POST'],
  ['DELETE', 'DELETE'],
] as const

const PREFIX = 'custom_'
/** It begins so whether or not somebody wrote it. */
export const nameOf = (typed: string): string =>
  typed.startsWith(PREFIX) ? typed : `${PREFIX}${typed}`

/** As a form has it: JSON as it was written. */
export interface ToolFields {
  readonly description: string
  readonly agents: readonly string[]
  readonly parameters: string
  readonly timeoutSeconds: number
  readonly group: string
  readonly origin: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly headers: string
  readonly command: string
  readonly env: string
  /** What is stored is to go. */
  readonly forgetsSecrets: boolean
  readonly allowsPrivateNetwork: boolean
}

const written = (value: unknown): string => JSON.stringify(value, null, 2)

const EXAMPLE = {
  type: 'object',
  properties: { id: { type: 'string', description: 'Number of the ticket' } },
  required: ['id'],
  additionalProperties: false,
}

export const blankTool: ToolFields = {
  description: '',
  agents: [],
  parameters: written(EXAMPLE),
  timeoutSeconds: 30,
  group: 'web',
  origin: '',
  method: 'GET',
  path: '/',
  query: '',
  body: '',
  headers: '',
  command: '',
  env: '',
  forgetsSecrets: false,
  allowsPrivateNetwork: false,
}

const isEmpty = (value: unknown): boolean =>
  value === null || (isJsonObject(value) && Object.keys(value).length === 0)

export const fieldsOf = (tool: Tool): ToolFields => ({
  ...blankTool,
  description: tool.description,
  agents: tool.agents,
  parameters: written(tool.parameters),
  timeoutSeconds: tool.timeout_seconds,
  group: tool.group,
  origin: tool.origin ?? '',
  method: tool.method ?? 'GET',
  path: tool.path ?? '/',
  query: isEmpty(tool.query) ? '' : written(tool.query),
  body: tool.body === null || tool.body === undefined ? '' : written(tool.body),
  command: tool.command,
  allowsPrivateNetwork: tool.allow_private_network,
})

/** @throws with the line that is wrong. */
function jsonIn(text: string, what: string, root: JsonRoot): unknown {
  const fault = faultOfJson(text, root)
  if (fault !== null)
    throw new Error(`${what}, line ${fault.line}, column ${fault.column}: ${fault.message}`)
  return JSON.parse(text)
}

/** @throws with the line that is wrong. */
export const objectIn = (text: string, what: string): JsonObject =>
  text.trim() === '' ? {} : objectOf(jsonIn(text, what, 'object'))

function queryIn(text: string): Readonly<Record<string, string>> {
  const entries = Object.entries(objectIn(text, 'Query'))
  if (entries.some(([, value]) => typeof value !== 'string'))
    throw new Error('Query: every value is a text.')
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** `NAME=value`, one a line. @throws with the line that is none; what it holds is not repeated. */
export function variablesIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/)
  const entries = lines.flatMap((line, at) => {
    if (line.trim() === '') return []
    const equals = line.indexOf('=')
    if (equals < 1) throw new Error(`Variables: line ${at + 1} is not of the form NAME=value.`)
    return [[line.slice(0, equals).trim(), line.slice(equals + 1)] as const]
  })
  return Object.fromEntries(entries)
}

function secretsOf(kind: Kind, { headers, env, forgetsSecrets }: ToolFields) {
  if (kind === 'script') {
    if (env.trim() !== '') return { env: variablesIn(env) }
    return forgetsSecrets ? { env: null } : {}
  }
  const parsed = parseHeaders(headers)
  if (!parsed.ok) throw new Error(`Headers: ${parsed.problem}`)
  if (Object.keys(parsed.value).length > 0) return { headers: parsed.value }
  return forgetsSecrets ? { headers: null } : {}
}

const oneIn = <Value extends string>(
  options: readonly (readonly [Value, string])[],
  value: string,
): Value | undefined => options.find(([each]) => each === value)?.[0]

function requestOf(fields: ToolFields) {
  const group = oneIn(GROUPS, fields.group)
  const method = oneIn(METHODS, fields.method)
  return {
    ...(group === undefined ? {} : { group }),
    ...(method === undefined ? {} : { method }),
    origin: fields.origin,
    path: fields.path,
    query: queryIn(fields.query),
    body: fields.body.trim() === '' ? null : jsonIn(fields.body, 'Body', 'any'),
  }
}

/** @throws with what is wrong. */
const saidOf = (kind: Kind, fields: ToolFields) => ({
  description: fields.description,
  // The form has them in its own order; one that is gone may stay, and may not be given anew.
  agents: fields.agents.toSorted(),
  parameters: objectIn(fields.parameters, 'Arguments'),
  timeout_seconds: fields.timeoutSeconds,
  // A form ends its lines in one way, and another command would erase the variables.
  ...(kind === 'http' ? requestOf(fields) : { command: fields.command.replaceAll(/\r\n?/g, '\n') }),
})

export const createParams = (
  name: string,
  kind: Kind,
  fields: ToolFields,
): ParamsOf<'tools.custom.create'> => ({
  name: nameOf(name),
  kind,
  ...saidOf(kind, fields),
  ...(fields.allowsPrivateNetwork ? { allow_private_network: true } : {}),
  ...secretsOf(kind, fields),
})

/** Only what differs; null when nothing does. */
export function updateParams(
  tool: Tool,
  fields: ToolFields,
): ParamsOf<'tools.custom.update'> | null {
  const before: JsonObject = saidOf(tool.kind, fieldsOf(tool))
  const said = Object.entries(saidOf(tool.kind, fields)).filter(
    ([name, value]) => !isSameJson(value, before[name]),
  )
  const isKept = fields.allowsPrivateNetwork === tool.allow_private_network
  const changes: Omit<ParamsOf<'tools.custom.update'>, 'id'> = {
    ...Object.fromEntries(said),
    ...(isKept ? {} : { allow_private_network: fields.allowsPrivateNetwork }),
    ...secretsOf(tool.kind, fields),
  }
  return Object.keys(changes).length === 0 ? null : { id: tool.id, ...changes }
}

export const hasSecrets = ({ headers, env }: Tool): boolean => headers !== '' || env !== ''
