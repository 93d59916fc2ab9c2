/**
 * Runs a command that is one operation: words to parameters, a question before what cannot be undone,
 * one request, and the answer as people or as programs read it.
 */
import { toFields, toTable, valueAt } from './answer-view.ts'
import type { CommandIo, OperationCommand } from './commands/command.ts'
import { withGateway } from './connection.ts'
import { usageFailure } from './failure.ts'
import { parseFlags } from './flags.ts'
import {
  flagNameOf,
  flagsOf,
  type Params,
  paramsOf,
  parseJson,
  SECRET_SUFFIX,
} from './operation-params.ts'
import type { OperationShape } from './operations.ts'
import { paletteFor, toJsonText, toOneLine, toPlainText } from './terminal.ts'
import { confirmed, readSecret } from './terminal-input.ts'

export async function runOperation(
  command: OperationCommand,
  shape: OperationShape,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const flags = parseFlags(args, flagsOf(command, shape))
  const said = paramsOf(command, shape, flags)
  const params = { ...said, ...(await secretsOf(command, shape, flags.values, io)) }
  if (command.confirm !== undefined && !flags.values.has('yes')) {
    if (!(await confirmed(io, filled(command.confirm, said)))) {
      io.stderr.write('Nothing was changed.\n')
      return 1
    }
  }
  return withGateway(flags.values, io.env, async ({ client }) => {
    const answer = await client.request(command.operation, params)
    if (flags.values.has('json')) io.stdout.write(`${toJsonText(answer)}\n`)
    else show(command, said, answer, io)
    return 0
  })
}

/** At most one is read from standard input: a second would wait for ever. */
async function secretsOf(
  { secrets = [] }: OperationCommand,
  { params }: OperationShape,
  values: ReadonlyMap<string, string>,
  io: CommandIo,
): Promise<Params> {
  const read: Record<string, unknown> = {}
  for (const name of secrets) {
    const param = params.find((each) => each.name === name)
    const flag = `${flagNameOf(name)}${SECRET_SUFFIX}`
    if (param === undefined || !(param.isRequired || values.has(flag))) continue
    if (!io.stdin.isTTY && !values.has(flag))
      throw usageFailure(`--${flag} is missing: ${name} is read from standard input`)
    const text = await readSecret(io, param.kind === 'json' ? `${name} (a JSON object)` : name)
    if (text === '') throw usageFailure(`${name} is empty: nothing came from standard input`)
    read[name] = param.kind === 'json' ? parseJson(text, name) : text
  }
  return read
}

/** Ids and names alone are filled in; a secret is no parameter that was said. */
export const filled = (text: string, params: Params): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    return toOneLine(Array.isArray(value) ? value.join(', ') : String(value ?? ''), 200)
  })

function show(command: OperationCommand, params: Params, answer: unknown, io: CommandIo): void {
  const palette = paletteFor(io.stdout, io.env)
  const { rows, columns = [], none, done, shownOnce, part } = command
  const listed = rows === undefined ? undefined : valueAt(answer, rows)
  if (Array.isArray(listed)) {
    if (listed.length === 0) io.stderr.write(`${none ?? 'There is nothing.'}\n`)
    else io.stdout.write(toTable(listed, columns, palette, io.stdout.columns))
    tellMore(answer, io)
    return
  }
  const name = shownOnce?.find((each) => typeof valueAt(answer, each) === 'string')
  if (name !== undefined) {
    const others = Object.entries(answer as object).filter(([each]) => !shownOnce?.includes(each))
    io.stderr.write(toFields(Object.fromEntries(others), paletteFor(io.stderr, io.env)))
    io.stderr.write(`\nThe ${name} is shown this once:\n`)
    io.stdout.write(`${toPlainText(String(valueAt(answer, name)))}\n`)
    return
  }
  if (part !== undefined && valueAt(answer, part) === null) {
    io.stderr.write(`${none ?? 'There is nothing.'}\n`)
    return
  }
  if (done !== undefined) io.stdout.write(`${palette.green('✓')} ${filled(done, params)}\n`)
  else io.stdout.write(toFields(part === undefined ? answer : valueAt(answer, part), palette))
}

/** A page is not everything; the members that say so are told beside the table. */
function tellMore(answer: unknown, io: CommandIo): void {
  const next =
    valueAt(answer, 'nextBefore') ?? valueAt(answer, 'next') ?? valueAt(answer, 'next_cursor')
  if (typeof next !== 'string' && typeof next !== 'number') return
  const { dim } = paletteFor(io.stderr, io.env)
  io.stderr.write(`${dim(`There is more, from ${toOneLine(String(next), 100)} on.`)}\n`)
}
