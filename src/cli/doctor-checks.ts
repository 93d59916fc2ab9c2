/**
 * What the doctor makes of the facts that were gathered: pure, one judgement a check, each with what a
 * person can do. What could not be asked is said to be unknown, never to be well.
 */
import { type Check, check } from './check.ts'
import { ofConnected } from './connected-checks.ts'
import type { ConnectedFacts } from './connected-facts.ts'

export interface DoctorFacts {
  readonly now: number
  readonly nodeVersion: string
  /** The sentence that says who can read the profiles; null when nobody else can. */
  readonly profileFault: string | null
  readonly url: string
  readonly foundBy: string
  readonly isReadableInBetween: boolean
  readonly health: HealthFact
  readonly credential: CredentialFact
  /** Null: not allowed to see, or not reached. */
  readonly providers: readonly ProviderFact[] | null
  readonly runner: 'runs' | 'absent' | 'unknown'
  readonly connected: ConnectedFacts
  /** Of the security audit, when it may be asked. */
  readonly findings: readonly FindingFact[] | null
}

export type HealthFact =
  | { readonly kind: 'unreachable'; readonly code: string }
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly protocol: number | null
      /** What a gateway that lacks a setting says. */
      readonly complaint: string | null
      /** By its own clock; null when it tells none. */
      readonly date: number | null
      readonly certificateEndsAt: number | null
    }

export type CredentialFact =
  | {
      readonly kind: 'accepted'
      readonly role: string
      readonly version: string
      readonly expiresAt: number | null
    }
  | { readonly kind: 'refused'; readonly code: string; readonly hasToken: boolean }
  | { readonly kind: 'unknown' }

export interface ProviderFact {
  readonly type: string
  readonly isEnabled: boolean
}

export interface FindingFact {
  readonly checkId: string
  readonly severity: string
  readonly title: string
  readonly remediation: string
}

const MIN_NODE = 20
const PROTOCOL = 3
const DAY_MS = 86_400_000
const SOON_MS = 14 * DAY_MS
/** Tokens are judged with a minute of tolerance. */
const SKEW_WARN_MS = 30_000
const SKEW_FAIL_MS = 60_000
/** What the security audit finds that keeps a gateway from working, not only from being safe. */
const OF_INTEREST = /^(?:secrets|audit)\.|\.(?:credentials_missing|no_secret)$/
const RUNNER_UNREACHABLE = 'sandbox.runner_unreachable'

export const diagnose = (facts: DoctorFacts): readonly Check[] => [
  ofNode(facts),
  ofProfiles(facts),
  ofAddress(facts),
  ...ofHealth(facts),
  ofCredential(facts),
  ofProviders(facts),
  ofRunner(facts),
  ...ofConnected(facts.connected, facts.now),
  ...ofFindings(facts),
]

export const isIll = (checks: readonly Check[]): boolean =>
  checks.some(({ level }) => level === 'fail')

function ofNode({ nodeVersion }: DoctorFacts): Check {
  const major = Number(nodeVersion.split('.')[0])
  return major >= MIN_NODE
    ? check('node', 'ok', `Node ${nodeVersion}`)
    : check('node', 'fail', `Node ${nodeVersion} is too old`, `install Node ${MIN_NODE} or newer`)
}

const ofProfiles = ({ profileFault }: DoctorFacts): Check =>
  profileFault === null
    ? check('profiles', 'ok', 'stored credentials are yours alone')
    : check('profiles', 'fail', 'stored credentials are open to others', profileFault)

const ofAddress = ({ url, foundBy, isReadableInBetween }: DoctorFacts): Check =>
  isReadableInBetween
    ? check(
        'address',
        'fail',
        `${url} (${foundBy}) is not encrypted`,
        'use https:// between machines',
      )
    : check('address', 'ok', `${url} (${foundBy})`)

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start one with: npm start, or name another with --url',
  ENOTFOUND: 'there is no such host: look at the URL',
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is nobody’s: give NODE_EXTRA_CA_CERTS the right one',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is nobody’s: give NODE_EXTRA_CA_CERTS the right one',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host: look at the URL',
}

function ofHealth({ health, now }: DoctorFacts): readonly Check[] {
  if (health.kind === 'unreachable') {
    const advice = UNREACHABLE[health.code] ?? 'look at network, proxy and firewall'
    return [check('reachable', 'fail', `no gateway answers (${health.code})`, advice)]
  }
  if (health.complaint !== null)
    return [check('reachable', 'fail', `the gateway answers ${health.status}`, health.complaint)]
  if (health.status !== 200)
    return [
      check(
        'reachable',
        'fail',
        `something answers ${health.status}`,
        'that is no gateway: look at the URL',
      ),
    ]
  return [
    check('reachable', 'ok', 'the gateway answers'),
    health.protocol === PROTOCOL
      ? check('protocol', 'ok', `it speaks protocol ${PROTOCOL}`)
      : check(
          'protocol',
          'fail',
          `it speaks ${health.protocol === null ? 'no protocol that is known' : `protocol ${health.protocol}`}`,
          `this command speaks ${PROTOCOL}: bring both to the same version`,
        ),
    ...ofCertificate(health.certificateEndsAt, now),
    ofClock(health.date, now),
  ]
}

function ofCertificate(endsAt: number | null, now: number): readonly Check[] {
  if (endsAt === null) return []
  const days = Math.floor((endsAt - now) / DAY_MS)
  return endsAt - now < SOON_MS
    ? [check('tls', 'warn', `the certificate ends in ${days} days`, 'renew it')]
    : [check('tls', 'ok', `the certificate is good for ${days} days`)]
}

function ofClock(date: number | null, now: number): Check {
  if (date === null) return check('clock', 'skip', 'the gateway tells no time')
  const skew = Math.abs(date - now)
  const said = `clocks differ by ${Math.round(skew / 1_000)} s`
  if (skew >= SKEW_FAIL_MS)
    return check('clock', 'fail', said, 'set both clocks by NTP: tokens are judged by them')
  return skew >= SKEW_WARN_MS
    ? check('clock', 'warn', said, 'set both clocks by NTP')
    : check('clock', 'ok', 'clocks agree')
}

function ofCredential({ credential, now }: DoctorFacts): Check {
  switch (credential.kind) {
    case 'unknown':
      return check('credential', 'skip', 'the credential could not be tried')
    case 'refused':
      return credential.hasToken
        ? check(
            'credential',
            'fail',
            `the credential is refused (${credential.code})`,
            'log in anew: edgeclaw login',
          )
        : check('credential', 'fail', 'no credential is known', 'log in: edgeclaw login')
    case 'accepted': {
      const who = `the credential is good, as ${credential.role}`
      if (credential.expiresAt === null) return check('credential', 'ok', who)
      const days = Math.floor((credential.expiresAt - now) / DAY_MS)
      return credential.expiresAt - now < SOON_MS
        ? check('credential', 'warn', `${who}, for ${days} more days`, 'edgeclaw keys rotate ID')
        : check('credential', 'ok', `${who}, for ${days} more days`)
    }
  }
}

function ofProviders({ providers }: DoctorFacts): Check {
  if (providers === null) return check('providers', 'skip', 'providers are for admins to see')
  const enabled = providers.filter(({ isEnabled }) => isEnabled)
  if (enabled.length === 0)
    return check(
      'providers',
      'fail',
      'no model provider is enabled',
      'edgeclaw providers create --help',
    )
  if (enabled.every(({ type }) => type === 'demo'))
    return check(
      'providers',
      'warn',
      'only the demo model answers',
      'edgeclaw providers create --help',
    )
  return check('providers', 'ok', `${enabled.length} model providers are enabled`)
}

function ofRunner({ runner, findings }: DoctorFacts): Check {
  if (findings?.some(({ checkId }) => checkId === RUNNER_UNREACHABLE))
    return check(
      'runner',
      'fail',
      'a sandbox-runner does not answer',
      'docs/runner.md tells how one is run',
    )
  switch (runner) {
    case 'runs':
      return check('runner', 'ok', 'the sandbox-runner runs')
    case 'absent':
      return check(
        'runner',
        'warn',
        'no sandbox-runner runs here',
        'without a Docker engine commands are refused',
      )
    case 'unknown':
      return findings === null
        ? check('runner', 'skip', 'how the runners are is not told to this credential')
        : check('runner', 'ok', 'the gateway complains of no runner')
  }
}

/** What keeps a gateway from working is told by itself; the rest is the security audit's to tell. */
function ofFindings({ findings }: DoctorFacts): readonly Check[] {
  if (findings === null)
    return [check('security', 'skip', 'the security audit is not told to this credential')]
  const told = findings.filter(
    ({ checkId, severity }) => severity !== 'info' && OF_INTEREST.test(checkId),
  )
  const others = findings.filter(
    ({ checkId, severity }) =>
      severity === 'critical' && checkId !== RUNNER_UNREACHABLE && !OF_INTEREST.test(checkId),
  )
  return [
    ...told.map(({ checkId, severity, title, remediation }) =>
      check(checkId, severity === 'critical' ? 'fail' : 'warn', title, remediation),
    ),
    others.length === 0
      ? check('security', 'ok', 'the security audit finds nothing critical')
      : check('security', 'warn', `${others.length} critical findings`, 'edgeclaw security audit'),
  ]
}
