/** `edgeclaw call`: any operation by its name, for what has no words of its own. Always JSON. */
import { nearestKey } from '../domain/config/nearest-key.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { usageFailure } from './failure.ts'
import { parseFlags } from './flags.ts'
import { parseJson } from './operation-params.ts'
import { operationShapes } from './operations.ts'
import { toJsonText } from './terminal.ts'
import { readAll } from './terminal-input.ts'

const STDIN = '-'

export const CALL: Action = {
  flags: CONNECTION_FLAGS,
  async run(args, io) {
    const { values, positionals } = parseFlags(args, CONNECTION_FLAGS)
    const [name, text, ...more] = positionals
    if (name === undefined || more.length > 0) throw usageFailure('usage: call OPERATION [JSON]')
    const known = Object.keys(operationShapes())
    if (!known.includes(name)) {
      const near = nearestKey(name, known)
      throw usageFailure(
        `there is no operation ${name}. ${near === null ? `There are: ${known.join(', ')}` : `Did you mean ${near}?`}`,
      )
    }
    const params = parseJson(
      (text === STDIN ? await readAll(io.stdin) : text) ?? '{}',
      'what is asked',
    )
    if (typeof params !== 'object' || params === null || Array.isArray(params))
      throw usageFailure('what is asked must be one JSON object')
    return withGateway(values, io.env, async ({ client }) => {
      const answer = await client.request(name, params as Record<string, unknown>)
      io.stdout.write(`${toJsonText(answer, values.has('json') ? undefined : 2)}\n`)
      return 0
    })
  },
}
