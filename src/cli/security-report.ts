/** The report of the security audit on a terminal: worst first, each finding with what to do. */
import { z } from 'zod'
import { CliFailure } from './failure.ts'
import type { ProbeFinding } from './probes.ts'
import { type Palette, toOneLine, toPlainText } from './terminal.ts'

const findingSchema = z.looseObject({
  checkId: z.string(),
  severity: z.enum(['info', 'warn', 'critical']),
  title: z.string(),
  detail: z.string().default(''),
  remediation: z.string().default(''),
})
const reportSchema = z.looseObject({
  ts: z.string(),
  findings: z.array(findingSchema),
  suppressed: z.array(z.string()).optional(),
  fixed: z.array(z.string()).optional(),
})
export type Report = z.infer<typeof reportSchema>

/** An answer that cannot be read must not pass for a clean report. */
export function parseReport(answer: unknown): Report {
  const parsed = reportSchema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new CliFailure("the gateway's answer to security.audit is no report")
}

const RANK = ['critical', 'warn', 'info', 'ok'] as const
type Severity = (typeof RANK)[number]
const MARKS: Readonly<Record<Severity, string>> = { critical: '✗', warn: '!', info: '·', ok: '✓' }
const INDENT = '    '

interface Shown {
  readonly checkId: string
  readonly severity: Severity
  readonly title: string
  readonly detail: string
  readonly remediation: string
}

export function reportText(
  report: Report & { readonly outside?: readonly ProbeFinding[] },
  palette: Palette,
  width: number,
): string {
  const all: readonly Shown[] = [...report.findings, ...(report.outside ?? [])]
  const sorted = [...all].sort((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity))
  const blocks = sorted.map((finding) => blockOf(finding, palette, width))
  const count = (severity: Severity): number =>
    all.filter((finding) => finding.severity === severity).length
  const named = (label: string, ids: readonly string[] = []): string =>
    ids.length === 0 ? '' : `${palette.dim(`${label}: ${toOneLine(ids.join(', '), 1_000)}`)}\n`
  const tail = named('suppressed', report.suppressed) + named('mended', report.fixed)
  const counts = `${count('critical')} critical, ${count('warn')} to look at, ${count('info')} to know`
  return `${[...blocks, ''].join('\n')}${tail}${palette.bold(counts)}\n`
}

function blockOf(finding: Shown, palette: Palette, width: number): string {
  const { severity, checkId, title, detail, remediation } = finding
  const paint = {
    critical: palette.red,
    warn: palette.yellow,
    info: palette.dim,
    ok: palette.green,
  }
  const head = `${paint[severity](MARKS[severity])} ${toOneLine(title, 300)} ${palette.dim(toOneLine(checkId, 100))}`
  if (severity === 'ok') return head
  const lines = [detail, ...(remediation === '' ? [] : [`→ ${remediation}`])].filter(
    (text) => text !== '',
  )
  return [head, ...lines.flatMap((text) => wrapped(toPlainText(text), width - INDENT.length))].join(
    '\n',
  )
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(INDENT + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, INDENT + line]
}
