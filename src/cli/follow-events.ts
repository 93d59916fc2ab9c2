/** `edgeclaw events follow`: what the gateway pushes, line by line, until it ends or Ctrl-C does. */

import type { EventFrame } from './client.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import {
  type Palette,
  paletteFor,
  toJsonText,
  toOneLine,
  toPlainText,
  widthOf,
} from './terminal.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'all', help: 'progress of runs as well' },
  ...CONNECTION_FLAGS,
]
/** A gateway takes a socket for gone that says nothing for ten minutes. */
const PING_EVERY_MS = 60_000
/** Sent for every word that a model says. */
const OF_RUNS = 'agent'

export const followEvents: Action = {
  flags: FLAGS,
  async run(args, io) {
    const { values } = parseFlags(args, FLAGS)
    const palette = paletteFor(io.stdout, io.env)
    return withGateway(values, io.env, async ({ client }) => {
      client.onEvent((frame) => {
        if (frame.event === OF_RUNS && !values.has('all')) return
        const at = new Date().toISOString()
        io.stdout.write(
          values.has('json')
            ? `${toJsonText({ at, event: frame.event, payload: frame.payload })}\n`
            : `${lineOf(at, frame, palette, widthOf(io.stdout))}\n`,
        )
      })
      io.stderr.write(`${paletteFor(io.stderr, io.env).dim('Events as they come; Ctrl-C ends.')}\n`)
      const pings = setInterval(() => client.sendRaw('ping'), PING_EVERY_MS)
      try {
        throw await client.closed
      } finally {
        clearInterval(pings)
      }
    })
  },
}

function lineOf(
  at: string,
  { event, payload }: EventFrame,
  palette: Palette,
  width: number,
): string {
  const time = at.slice(11, 19)
  const name = toPlainText(event)
  const room = Math.max(20, width - time.length - name.length - 2)
  return `${palette.dim(time)} ${palette.bold(name)} ${toOneLine(JSON.stringify(payload ?? {}), room)}`
}
