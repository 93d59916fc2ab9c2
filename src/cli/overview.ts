/** `edgeclaw overview`: what goes on, on one screen; the steps of time one by one are in the JSON. */
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { type Overview, overviewText } from './overview-view.ts'
import { paletteFor, toJsonText, widthOf } from './terminal.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'hours', value: 'N', help: 'how far back: 1 to 168; 24 without it' },
  ...CONNECTION_FLAGS,
]

export const OVERVIEW: Action = {
  flags: FLAGS,
  async run(args, io) {
    const { values, positionals } = parseFlags(args, FLAGS)
    if (positionals.length > 0) throw usageFailure('overview takes no words')
    const hours = values.get('hours')
    if (hours !== undefined && !/^\d{1,3}$/.test(hours))
      throw usageFailure('--hours must be a number from 1 to 168')
    return withGateway(values, io.env, async ({ client }) => {
      const params = hours === undefined ? {} : { hours: Number(hours) }
      const answer = await client.request('overview.get', params)
      const text = values.has('json')
        ? `${toJsonText(answer)}\n`
        : overviewText(answer as Overview, paletteFor(io.stdout, io.env), widthOf(io.stdout))
      io.stdout.write(text)
      return 0
    })
  },
}
