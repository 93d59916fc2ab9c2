/**
 * `edgeclaw keys rotate`: an API key by its id, or the key that everything at rest is sealed with. The
 * latter is the gateway's own work; here it is begun, watched, and its end told as an exit code.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { toFields, valueAt } from './answer-view.ts'
import type { Action, CommandIo, OperationCommand } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { CONFIRM_FLAG, flagsOf } from './operation-params.ts'
import { shapeOf } from './operations.ts'
import { runOperation } from './run-operation.ts'
import { paletteFor, toJsonText } from './terminal.ts'
import { confirmed } from './terminal-input.ts'

const POLL_EVERY_MS = 1_000
const QUESTION =
  'This seals every secret of the gateway anew under its newest encryption key, while it serves.'

const API_KEY: OperationCommand = {
  verb: 'rotate',
  operation: 'api_keys.rotate',
  positional: ['id'],
  help: { overlap_seconds: 'how long the old key stays good (default: a day)' },
  shownOnce: ['key'],
}

const ENCRYPTION_FLAGS: readonly FlagSpec[] = [
  { name: 'encryption', help: 'the encryption key of the platform, instead of an API key' },
  CONFIRM_FLAG,
  ...CONNECTION_FLAGS,
]

export const rotateKeys: Action = {
  get flags() {
    const shape = shapeOf(API_KEY.operation)
    const ofKeys = shape === undefined ? [] : flagsOf(API_KEY, shape)
    const names = ENCRYPTION_FLAGS.map(({ name }) => name)
    return [...ofKeys.filter(({ name }) => !names.includes(name)), ...ENCRYPTION_FLAGS]
  },
  async run(args, io) {
    if (args.includes('--encryption')) return rotateEncryption(args, io)
    const shape = shapeOf(API_KEY.operation)
    if (shape === undefined)
      throw new CliFailure(`this gateway does not offer it: keys rotate needs ${API_KEY.operation}`)
    return runOperation(API_KEY, shape, args, io)
  },
}

async function rotateEncryption(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, ENCRYPTION_FLAGS)
  if (positionals.length > 0)
    throw usageFailure('keys rotate takes an id or --encryption, not both')
  if (shapeOf('keys.rotate') === undefined || shapeOf('keys.rotation') === undefined)
    throw new CliFailure(
      'this gateway does not offer it: keys rotate --encryption needs keys.rotate',
    )
  if (!values.has('yes') && !(await confirmed(io, QUESTION))) {
    io.stderr.write('Nothing was changed.\n')
    return EXIT.refused
  }
  return withGateway(values, io.env, async ({ client }) => {
    await client.request('keys.rotate', {})
    for (let said = ''; ; await delay(POLL_EVERY_MS)) {
      const answer = await client.request('keys.rotation', {})
      const { line, end } = judgeRotation(answer)
      if (line !== said) io.stderr.write(`  ${line}\n`)
      said = line
      if (end === null) continue
      if (values.has('json')) io.stdout.write(`${toJsonText(answer)}\n`)
      else io.stdout.write(toFields(rotationOf(answer), paletteFor(io.stdout, io.env)))
      return end === 'whole' ? EXIT.ok : EXIT.refused
    }
  })
}

const rotationOf = (answer: unknown): unknown => valueAt(answer, 'rotation') ?? answer

/** Where a rotation stands. A finished one that left something under the old key is not whole. */
export function judgeRotation(answer: unknown): {
  readonly line: string
  readonly end: 'whole' | 'failed' | null
} {
  const rotation = rotationOf(answer)
  const number = (name: string): number => {
    const value = valueAt(rotation, name)
    return typeof value === 'number' ? value : 0
  }
  const [rewritten, failed] = [number('rewritten'), number('failed')]
  const remaining = number('remaining')
  const left = remaining === 0 ? '' : `, ${remaining} to go`
  const trouble = failed === 0 ? '' : `, ${failed} failed`
  const line = `${rewritten} secrets sealed anew${left}${trouble}`
  const finished = valueAt(rotation, 'finished_at') ?? valueAt(rotation, 'finishedAt')
  const isFinished = typeof finished === 'string' || typeof finished === 'number'
  return { line, end: isFinished ? (failed === 0 ? 'whole' : 'failed') : null }
}
