/**
 * The parameters of one operation as flags and words of the command line, and back. It refuses what
 * cannot be meant before anybody is asked; whether a value is right is the gateway's to say.
 */
import { nearestKey } from '../domain/config/nearest-key.ts'
import type { OperationCommand } from './commands/command.ts'
import { CONNECTION_FLAGS } from './connection.ts'
import { usageFailure } from './failure.ts'
import type { FlagSpec, ParsedFlags } from './flags.ts'
import type { OperationShape, ParamShape } from './operations.ts'

/** The tenant is the connection's, said once with --tenant for every command. */
const OF_THE_CONNECTION = 'tenant_id'
export const SECRET_SUFFIX = '-stdin'

const PLACEHOLDERS = { text: 'TEXT', number: 'N', list: 'A,B', json: 'JSON', switch: '' } as const

const toFlagName = (param: string): string =>
  param
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** --user and --tenant are the caller's; an operation's own of that name is said --of-user. */
export function flagNameOf(param: string): string {
  const name = toFlagName(param)
  return [...CONNECTION_FLAGS.map((flag) => flag.name), 'yes', 'help'].includes(name)
    ? `of-${name}`
    : name
}

export const CONFIRM_FLAG: FlagSpec = { name: 'yes', help: 'do it without asking' }

/** Parameters that are flags of this command. */
const flagParams = (command: OperationCommand, shape: OperationShape): readonly ParamShape[] => {
  const { positional = [], hidden = [], fixed = {} } = command
  return shape.params.filter(
    ({ name }) =>
      name !== OF_THE_CONNECTION &&
      !positional.includes(name) &&
      !hidden.includes(name) &&
      !Object.hasOwn(fixed, name),
  )
}

export function flagsOf(command: OperationCommand, shape: OperationShape): readonly FlagSpec[] {
  const own = flagParams(command, shape).map((param) => toFlag(command, param))
  return [...own, ...(command.confirm === undefined ? [] : [CONFIRM_FLAG]), ...CONNECTION_FLAGS]
}

function toFlag({ secrets, help }: OperationCommand, param: ParamShape): FlagSpec {
  const { name, kind, choices, isRequired } = param
  const words =
    help?.[name] ??
    param.help ??
    name
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .replaceAll('_', ' ')
      .toLowerCase()
  if (secrets?.includes(name)) {
    const format = kind === 'json' ? ' (a JSON object)' : ''
    return {
      name: `${flagNameOf(name)}${SECRET_SUFFIX}`,
      help: `read the ${toFlagName(name).replaceAll('-', ' ')}${format} from standard input, or be asked for it`,
    }
  }
  const all = choices === undefined ? '' : `: ${choices.join(' | ')}`
  const text = `${words}${all}${isRequired ? ' (required)' : ''}`
  if (kind === 'switch') return { name: flagNameOf(name), help: text, isNegatable: true }
  return {
    name: flagNameOf(name),
    value: choices !== undefined && kind === 'text' ? 'ONE' : PLACEHOLDERS[kind],
    help: text,
    ...(kind === 'list' ? { isList: true as const } : {}),
    ...(choices === undefined ? {} : { choices }),
  }
}

/** `ID [LABEL]`: what follows the words of a command. */
export const wordsOf = (command: OperationCommand): readonly string[] =>
  (command.positional ?? []).map((name) => {
    const word = toFlagName(name).replaceAll('-', '_').toUpperCase()
    return isOptional(command, name) ? `[${word}]` : word
  })

/** The same with the flags that must not be missing. */
export function usageOf(command: OperationCommand, shape: OperationShape): string {
  const required = shape.params.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  const flags = flagParams(command, shape)
    .filter(({ name }) => required.includes(name) && !command.secrets?.includes(name))
    .map((param) => `--${flagNameOf(param.name)} ${toFlag(command, param).value ?? ''}`.trimEnd())
  return [...wordsOf(command), ...flags].join(' ')
}

const isOptional = ({ optional = [] }: OperationCommand, name: string): boolean =>
  optional.includes(name)

export type Params = Readonly<Record<string, unknown>>

/** @throws CliFailure for a missing or superfluous word, and for a value that cannot be read. */
export function paramsOf(
  command: OperationCommand,
  shape: OperationShape,
  { values, positionals }: ParsedFlags,
): Params {
  const names = command.positional ?? []
  const params: Record<string, unknown> = { ...command.fixed }
  const kinds = new Map(shape.params.map((param) => [param.name, param]))
  for (const [i, name] of names.entries()) {
    const word = positionals[i]
    const param = kinds.get(name) ?? { name, kind: 'text' as const }
    if (word !== undefined) params[name] = parseValue(param, word, name)
    else if (!isOptional(command, name)) throw usageFailure(`${toFlagName(name)} is missing`)
  }
  if (positionals.length > names.length)
    throw usageFailure(`${JSON.stringify(positionals[names.length])} is one word too many`)
  for (const param of flagParams(command, shape)) {
    if (command.secrets?.includes(param.name)) continue
    const text = values.get(flagNameOf(param.name))
    if (text !== undefined)
      params[param.name] = parseValue(param, text, `--${flagNameOf(param.name)}`)
    else if (param.isRequired) throw usageFailure(`--${flagNameOf(param.name)} is missing`)
  }
  return params
}

function parseValue(
  { kind, choices }: Pick<ParamShape, 'kind' | 'choices'>,
  text: string,
  label: string,
): unknown {
  switch (kind) {
    case 'text':
      return checkChoice(text, choices, label)
    case 'number': {
      const number = Number(text)
      if (text.trim() !== '' && Number.isFinite(number)) return number
      throw usageFailure(`${label} must be a number, not ${JSON.stringify(text)}`)
    }
    case 'switch':
      return text === 'true'
    case 'list':
      return text
        .split(',')
        .filter((entry) => entry !== '')
        .map((entry) => checkChoice(entry.trim(), choices, label))
    case 'json':
      return parseJson(text, label)
  }
}

export function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message would repeat the text, and the text may be a secret.
    throw usageFailure(`${label} must be JSON`)
  }
}

function checkChoice(text: string, choices: readonly string[] | undefined, label: string): string {
  if (choices === undefined || choices.includes(text)) return text
  const near = nearestKey(text, choices)
  const hint = near === null ? `There are: ${choices.join(', ')}.` : `Did you mean ${near}?`
  throw usageFailure(`${label} cannot be ${JSON.stringify(text)}. ${hint}`)
}
