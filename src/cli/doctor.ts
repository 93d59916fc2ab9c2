/** `edgeclaw doctor`: the checks in rows, each with what to do; exit code 1 when one fails. */
import type { Check } from './check.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS } from './connection.ts'
import { diagnose, isIll } from './doctor-checks.ts'
import { gather } from './doctor-facts.ts'
import { EXIT } from './exit-codes.ts'
import { usageFailure } from './failure.ts'
import { parseFlags } from './flags.ts'
import { type Palette, paletteFor, toJsonText, toOneLine } from './terminal.ts'

export const DOCTOR: Action = {
  flags: CONNECTION_FLAGS,
  async run(args, io) {
    const { values, positionals } = parseFlags(args, CONNECTION_FLAGS)
    if (positionals.length > 0) throw usageFailure('doctor takes no words')
    const checks = diagnose(await gather(values, io.env))
    if (values.has('json')) io.stdout.write(`${toJsonText({ ok: !isIll(checks), checks })}\n`)
    else io.stdout.write(checksText(checks, paletteFor(io.stdout, io.env)))
    return isIll(checks) ? EXIT.refused : EXIT.ok
  },
}

const MAX_CHARS = 500

export function checksText(checks: readonly Check[], palette: Palette): string {
  const marks = {
    ok: palette.green('✓'),
    warn: palette.yellow('!'),
    fail: palette.red('✗'),
    skip: palette.dim('-'),
  }
  const width = Math.max(...checks.map(({ id }) => id.length))
  const lines = checks.flatMap(({ id, level, said, advice }) => [
    `${marks[level]} ${palette.dim(toOneLine(id, 80).padEnd(width))}  ${toOneLine(said, MAX_CHARS)}`,
    ...(advice === '' ? [] : [`  ${' '.repeat(width)}  → ${toOneLine(advice, MAX_CHARS)}`]),
  ])
  const count = (level: Check['level']): number =>
    checks.filter((check) => check.level === level).length
  const [fails, warns] = [count('fail'), count('warn')]
  const verdict = fails > 0 ? `${fails} to mend` : warns > 0 ? 'works' : 'all is well'
  return `${lines.join('\n')}\n\n${palette.bold(verdict)}${warns > 0 ? `, ${warns} to look at` : ''}\n`
}
