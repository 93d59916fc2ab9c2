/** `edgeclaw audit verify`: the gateway's verdict on its own chain, as an exit code. */
import { toFields, valueAt } from './answer-view.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { EXIT } from './exit-codes.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { paletteFor, toJsonText } from './terminal.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'platform', help: 'the chain of the platform itself (its operator alone)' },
  { name: 'after', value: 'N', help: 'begin at this record, for a trail too long for one call' },
  ...CONNECTION_FLAGS,
]

export const verifyTrail: Action = {
  flags: FLAGS,
  async run(args, io) {
    const { values } = parseFlags(args, FLAGS)
    const after = values.get('after')
    if (after !== undefined && !/^\d{1,15}$/.test(after))
      throw usageFailure('--after must be the number of a record')
    const params = {
      ...(values.has('platform') ? { platform: true } : {}),
      ...(after === undefined ? {} : { after: Number(after) }),
    }
    return withGateway(values, io.env, async ({ client }) => {
      const verdict = await client.request('audit.verify', params)
      // Whatever is no clear yes is a no.
      const isWhole = valueAt(verdict, 'ok') === true
      const { green, red } = paletteFor(io.stdout, io.env)
      if (values.has('json')) io.stdout.write(`${toJsonText(verdict)}\n`)
      else {
        const said = isWhole ? green('✓ the trail is whole') : red('✗ the trail is broken')
        io.stdout.write(`${said}\n${toFields(verdict, paletteFor(io.stdout, io.env))}`)
      }
      return isWhole ? EXIT.ok : EXIT.refused
    })
  },
}
