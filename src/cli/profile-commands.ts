/** `edgeclaw profiles`: which logins there are, and which one counts. Tokens are never shown. */
import { toTable } from './answer-view.ts'
import type { Action } from './commands/command.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { profileNamed, readProfiles, writeProfiles } from './profiles.ts'
import { paletteFor, toJsonText } from './terminal.ts'

const LIST_FLAGS: readonly FlagSpec[] = [{ name: 'json', help: 'print them as JSON' }]

export const LIST: Action = {
  flags: LIST_FLAGS,
  async run(args, io) {
    const { values } = parseFlags(args, LIST_FLAGS)
    const { current, profiles } = readProfiles(io.env)
    const rows = Object.entries(profiles).map(([name, { url }]) => ({
      name,
      url,
      current: name === current,
    }))
    if (values.has('json')) io.stdout.write(`${toJsonText({ profiles: rows })}\n`)
    else if (rows.length === 0) io.stderr.write('Nobody is logged in: edgeclaw login\n')
    else io.stdout.write(toTable(rows, [], paletteFor(io.stdout, io.env), io.stdout.columns))
    return 0
  },
}

export const USE: Action = {
  flags: [],
  async run(args, io) {
    const [name, ...more] = parseFlags(args, []).positionals
    if (name === undefined || more.length > 0) throw usageFailure('usage: profiles use NAME')
    const profiles = readProfiles(io.env)
    profileNamed(profiles, name)
    writeProfiles(io.env, { ...profiles, current: name })
    io.stdout.write(`${paletteFor(io.stdout, io.env).green('✓')} ${name} is taken from now on\n`)
    return 0
  },
}
