/**
 * `edgeclaw security audit`: the gateway's judgement of its own settings, and with --deep how it answers
 * strangers, asked from here. The exit code is 1 while anything critical stands.
 */
import { randomBytes } from 'node:crypto'
import { askHttp } from './ask-http.ts'
import type { Action, CommandIo } from './commands/command.ts'
import { CONNECTION_FLAGS, type Connection, withGateway } from './connection.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { CONFIRM_FLAG } from './operation-params.ts'
import { shapeOf } from './operations.ts'
import { judgeProbe, type Probe, type ProbeFinding, probesFor } from './probes.ts'
import { parseReport, type Report, reportText } from './security-report.ts'
import { paletteFor, toJsonText, widthOf } from './terminal.ts'
import { confirmed } from './terminal-input.ts'

const AUDIT = 'security.audit'
const SUPPRESS = 'security.audit.suppress'
/** Of a tenant that must reach nothing here; a variable, since arguments are seen by others. */
const FOREIGN_TOKEN = 'EDGECLAW_FOREIGN_TOKEN'

const FLAGS: readonly FlagSpec[] = [
  {
    name: 'deep',
    help: `probe the gateway from outside too (${FOREIGN_TOKEN}: with that key as well)`,
  },
  { name: 'fix', help: 'mend what can be mended; nothing is rotated or deleted' },
  {
    name: 'expire-keys-in',
    value: 'SECONDS',
    help: 'with --fix: keys without an end get this one',
  },
  { name: 'suppress', value: 'CHECK', help: 'answer for a finding; it stays listed as suppressed' },
  { name: 'reason', value: 'TEXT', help: 'why, with --suppress' },
  {
    name: 'expires-in',
    value: 'SECONDS',
    help: 'for how long, with --suppress (default: for good)',
  },
  CONFIRM_FLAG,
  ...CONNECTION_FLAGS,
]

export const securityAudit: Action = { flags: FLAGS, run }

async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  if (positionals.length > 0)
    throw usageFailure(`security audit takes no ${JSON.stringify(positionals[0])}`)
  const checkId = values.get('suppress')
  const reason = values.get('reason')
  if ((checkId === undefined) !== (reason === undefined))
    throw usageFailure('--suppress CHECK and --reason TEXT go together')
  const isFix = values.has('fix')
  if (isFix && !values.has('yes')) {
    const question = 'This changes settings of the tenant to safer ones, at once.'
    if (!(await confirmed(io, question))) return EXIT.refused
  }
  return withGateway(values, io.env, async (connection) => {
    if (checkId !== undefined && reason !== undefined) {
      if (shapeOf(SUPPRESS) === undefined) throw notOffered(SUPPRESS)
      await connection.client.request(SUPPRESS, {
        checkId,
        reason,
        ...secondsOf(values, 'expires-in', 'expires_in'),
      })
      io.stderr.write(`✓ ${checkId} is suppressed, and reported as such\n`)
    }
    const isDeep = values.has('deep')
    const asked = {
      ...(isDeep ? { deep: true } : {}),
      ...(isFix ? { fix: true } : {}),
      ...secondsOf(values, 'expire-keys-in', 'expire_keys_in'),
    }
    const report = await askReport(connection, asked, io)
    const outside = isDeep ? await probeAll(connection, io) : null
    const whole = outside === null ? report : { ...report, outside }
    if (values.has('json')) io.stdout.write(`${toJsonText(whole)}\n`)
    else io.stdout.write(reportText(whole, paletteFor(io.stdout, io.env), widthOf(io.stdout)))
    const isCritical = [...report.findings, ...(outside ?? [])].some(
      ({ severity }) => severity === 'critical',
    )
    return isCritical ? EXIT.refused : EXIT.ok
  })
}

const notOffered = (operation: string): CliFailure =>
  new CliFailure(`this gateway does not offer it: it needs ${operation}`)

const secondsOf = (
  values: ReadonlyMap<string, string>,
  flag: string,
  param: string,
): Readonly<Record<string, number>> => {
  const text = values.get(flag)
  if (text === undefined) return {}
  if (!/^\d{1,10}$/.test(text)) throw usageFailure(`--${flag} must be a number of seconds`)
  return { [param]: Number(text) }
}

type Asked = Readonly<Record<string, boolean | number>>

/** A gateway without checks of its own can still be probed; without either there is no audit. */
async function askReport({ client }: Connection, asked: Asked, io: CommandIo): Promise<Report> {
  if (shapeOf(AUDIT) === undefined) {
    if (asked['deep'] !== true || asked['fix'] === true) throw notOffered(AUDIT)
    io.stderr.write(`  this gateway does not offer ${AUDIT}: it is probed from outside alone\n`)
    return parseReport({ ts: new Date().toISOString(), findings: [] })
  }
  if (asked['deep'] === true) io.stderr.write('  the gateway looks at itself\n')
  return parseReport(await client.request(AUDIT, asked))
}

async function probeAll(
  { address, hello }: Connection,
  io: CommandIo,
): Promise<readonly ProbeFinding[]> {
  const tokens = {
    own: address.token,
    foreign: io.env[FOREIGN_TOKEN] || null,
    'made-up': `ec_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('base64url')}`,
  }
  const findings: ProbeFinding[] = []
  for (const probe of probesFor(hello.tenant_id, tokens.foreign !== null)) {
    io.stderr.write(`  probing: ${probe.title}\n`)
    const token = probe.credential === null ? null : tokens[probe.credential]
    findings.push(judgeProbe(probe, await ask(probe, token, address.url)))
  }
  return findings
}

const ask = (probe: Probe, token: string | null, url: string) =>
  askHttp(new URL(probe.path, url.replace(/^ws/, 'http')), {
    method: probe.method,
    headers: {
      ...probe.headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(probe.bodyChars === undefined ? {} : { body: `{"tool":"${'x'.repeat(probe.bodyChars)}"}` }),
  }).catch(() => null)
