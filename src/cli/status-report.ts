/**
 * The report of `edgeclaw status --all`: made to be pasted where strangers read. It is built from a list
 * of members that may be in it, and each must look as it should: a number, a version, a word that this
 * program knows. Whatever anybody typed or named is not in it.
 */
import { valueAt } from './answer-view.ts'
import type { ConnectedFacts } from './connected-facts.ts'
import { diagnose } from './doctor-checks.ts'
import type { Gathered } from './doctor-facts.ts'
import { shapeOf } from './operations.ts'

/** Asked for the report, beside what the doctor asks. */
export const REPORT_QUESTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  status: {},
  'security.events.list': { limit: 50 },
  'exec.approval.list': { limit: 0 },
  'estop.list': {},
  'audit.verify': {},
}

export interface Machine {
  readonly version: string
  readonly node: string
  readonly system: string
}

export type StatusReport = Readonly<
  Record<string, Readonly<Record<string, number | string | boolean>>>
>

const VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}(?:-[a-z]{1,10}(?:\.\d{1,4})?)?$/
/** Ids of checks are written in the source, lower-case words with dots and one name of a setting; no secret looks like one. */
const CHECK_ID = /^[a-z_]{1,30}(?:\.(?:[a-z_*0-9]{1,30}|allowFrom)){1,4}$/
const SHORTENED_AT = 4

const number = (value: unknown): number | string =>
  typeof value === 'number' && Number.isFinite(value) ? value : 'not told'
const version = (value: unknown): string =>
  typeof value === 'string' && VERSION.test(value) ? value : 'not told'
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const counted = (value: unknown): number | string =>
  Array.isArray(value) ? value.length : 'not told'

/** Kinds that the operation itself declares; everything else is counted as `other`. */
function tally(values: readonly unknown[], known: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) {
    const name = known.find((each) => each === value || `security.${each}` === value) ?? 'other'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

const choicesOf = (operation: string, param: string): readonly string[] =>
  shapeOf(operation)?.params.find(({ name }) => name === param)?.choices ?? []

/** `ten_AbCd…`: enough to tell two apart, too little to use. Of another form it is nothing. */
export const shortened = (id: unknown): string => {
  const [, kind, rest] =
    typeof id === 'string' ? (/^([a-z]{2,4})_([A-Za-z0-9]+)$/.exec(id) ?? []) : []
  return kind === undefined || rest === undefined
    ? 'not told'
    : `${kind}_${rest.slice(0, SHORTENED_AT)}…`
}

export function statusReport(facts: Gathered, machine: Machine, tenantId: unknown): StatusReport {
  const { answers, credential, health } = facts
  const status = answers['status']
  const agents = list(valueAt(status, 'agents'))
  const stops = valueAt(answers['estop.list'], 'stops')
  const trail = valueAt(answers['audit.verify'], 'ok')
  return {
    machine: {
      edgeclaw: version(machine.version),
      node: version(machine.node),
      system: machine.system,
    },
    gateway: {
      host: hostOf(facts.url),
      answers: health.kind === 'answered' ? health.status : health.code.replace(/[^A-Z_]/gi, ''),
      protocol: health.kind === 'answered' ? number(health.protocol) : 'not told',
      version: credential.kind === 'accepted' ? version(credential.version) : 'not told',
      role: credential.kind === 'accepted' ? roleOf(credential.role) : 'none',
      tenant: shortened(tenantId),
    },
    counts: {
      agents: number(valueAt(status, 'agentTotal')),
      running: agents.filter((agent) => valueAt(agent, 'isRunning') === true).length,
      clients: number(valueAt(status, 'clients')),
      sessions: number(valueAt(status, 'sessions')),
      waiting_approvals: number(valueAt(answers['exec.approval.list'], 'total')),
      emergency_stops: counted(stops),
      trail_is_whole: typeof trail === 'boolean' ? trail : 'not told',
      ...connectedCounts(facts.connected),
    },
    channels: tally(
      (facts.connected.channels ?? []).filter(({ isEnabled }) => isEnabled).map(({ type }) => type),
      choicesOf('channels.instances.create', 'channel_type'),
    ),
    providers: tally(
      (facts.providers ?? []).filter(({ isEnabled }) => isEnabled).map(({ type }) => type),
      choicesOf('providers.create', 'provider_type'),
    ),
    events: tally(
      list(valueAt(answers['security.events.list'], 'events')).map((event) =>
        valueAt(event, 'name'),
      ),
      choicesOf('security.events.list', 'name'),
    ),
    checks: Object.fromEntries(
      diagnose({ ...facts, findings: facts.findings && [] }).map(({ id, level }) => [id, level]),
    ),
    findings: Object.fromEntries(
      (facts.findings ?? [])
        .filter(({ checkId, severity }) => CHECK_ID.test(checkId) && SEVERITIES.includes(severity))
        .map(({ checkId, severity }) => [checkId, severity]),
    ),
  }
}

const sum = <Row>(rows: readonly Row[] | null, of: (row: Row) => number): number | string =>
  rows === null ? 'not told' : rows.reduce((total, row) => total + of(row), 0)

function connectedCounts({ channels, servers, hooks, schedules }: ConnectedFacts) {
  return {
    channels_with_errors: sum(channels, ({ isEnabled, hasFailed }) =>
      Number(isEnabled && hasFailed),
    ),
    dead_deliveries: sum(channels, ({ dead }) => dead),
    mcp_servers: sum(servers, ({ isEnabled }) => Number(isEnabled)),
    mcp_tools_waiting: sum(servers, ({ waiting }) => waiting),
    run_hooks: number(hooks),
    schedules: number(schedules?.enabled),
    schedules_failed: number(schedules?.failed),
  }
}

const SEVERITIES = ['info', 'warn', 'critical']
const ROLES = ['viewer', 'operator', 'admin', 'owner']
const roleOf = (role: string): string => (ROLES.includes(role) ? role : 'not told')

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'not told'
}
