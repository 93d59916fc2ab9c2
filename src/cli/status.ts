/** `edgeclaw status`: the gateway's own counts, or with --all the report that is safe to paste. */
import { readFileSync } from 'node:fs'
import { toFields, valueAt } from './answer-view.ts'
import type { Action, CommandIo } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { gather } from './doctor-facts.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { VERSION_FILE } from './root.ts'
import { REPORT_QUESTIONS, type StatusReport, statusReport } from './status-report.ts'
import { type Palette, paletteFor, toJsonText, toRows } from './terminal.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'all', help: 'everything that helps somebody else to help, and nothing secret' },
  ...CONNECTION_FLAGS,
]

export const STATUS: Action = {
  flags: FLAGS,
  async run(args, io) {
    const { values, positionals } = parseFlags(args, FLAGS)
    if (positionals.length > 0) throw usageFailure('status takes no words')
    if (values.has('all')) return reportAll(values, io)
    return withGateway(values, io.env, async ({ client }) => {
      const answer = await client.request('status')
      if (values.has('json')) io.stdout.write(`${toJsonText(answer)}\n`)
      else io.stdout.write(toFields(answer, paletteFor(io.stdout, io.env)))
      return 0
    })
  },
}

async function reportAll(values: ReadonlyMap<string, string>, io: CommandIo): Promise<number> {
  const facts = await gather(values, io.env, { ...REPORT_QUESTIONS, 'tenants.mine': {} })
  const { version } = JSON.parse(readFileSync(VERSION_FILE, 'utf8')) as { version: string }
  const machine = {
    version,
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
  }
  const tenantId = valueAt(facts.answers['tenants.mine'], 'tenants.0.id')
  const report = statusReport(facts, machine, tenantId)
  if (values.has('json')) io.stdout.write(`${toJsonText(report)}\n`)
  else io.stdout.write(reportText(report, paletteFor(io.stdout, io.env)))
  return 0
}

export function reportText(report: StatusReport, palette: Palette): string {
  const blocks = Object.entries(report).map(([title, members]) => {
    const rows = Object.entries(members).map(([name, value]) => [name, String(value)] as const)
    return `${palette.bold(title)}\n${rows.length === 0 ? '  none' : toRows(rows, palette)}`
  })
  return `${blocks.join('\n\n')}\n`
}
