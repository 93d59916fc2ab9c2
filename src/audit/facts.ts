/**
 * What the checks look at: one moment of a gateway or a tenant, as plain data. Nothing secret is in it:
 * counts and yes or no stand for values.
 */
import type { Severity, Suppression } from '../domain/security-finding.ts'
import type {
  ChannelFacts,
  CustomToolFacts,
  ExporterFacts,
  JobFacts,
  McpServerFacts,
  Reached,
  RunHookFacts,
  SkillFacts,
  WebhookFacts,
} from './surface-facts.ts'

/** Of the operator's settings: handed to the operator alone. */
export interface PlatformFacts {
  /** Null: there is none. */
  readonly tokenChars: number | null
  readonly isDevelopmentMode: boolean
  readonly isDeployed: boolean
  readonly allowedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly rateCeilingRpm: number
  readonly hasEncryptionKey: boolean
  readonly acceptsPlaintext: boolean
  /** The key that signs the runners' jobs is used for something else too. */
  readonly isRunnerKeyShared: boolean
  readonly runnerCount: number
  /** Operations that ask for no role or no scope. */
  readonly openOperations: readonly string[]
  /** Null: not probed. */
  readonly runners: readonly RunnerFacts[] | null
}

export interface RunnerFacts {
  readonly keyId: string
  readonly isReachable: boolean
  /** What its engine lacks, in words; empty where nothing is. */
  readonly weaknesses: readonly string[]
}

export interface KeyFacts {
  readonly id: string
  readonly name: string
  readonly isAdmin: boolean
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

export interface IssuerFacts {
  readonly name: string
  readonly audience: string
  readonly provisionRole: string | null
  readonly mappedRoles: readonly string[]
}

export interface SecretFacts {
  readonly plaintext: number
  /** Of those, what `fix` can seal. */
  readonly sealable: number
  readonly underPreviousKey: number
}

export interface AgentFacts {
  readonly key: string
  readonly model: string
  readonly provider: string
  readonly autonomy: string
  readonly hasExec: boolean
  readonly hasFiles: boolean
  readonly hasWeb: boolean
  readonly execSecurity: string
  readonly execAsk: string
  readonly execAllowlist: readonly string[]
  /** Groups of shell commands that are not denied to it. */
  readonly relaxedGroups: readonly string[]
  readonly sandboxMode: string
  readonly profile: string | null
}

export interface ProviderFacts extends Reached {
  readonly name: string
  readonly kind: 'model' | 'search'
  readonly isEnabled: boolean
}

export interface TenantFacts {
  readonly ownerOrAdminCount: number
  readonly memberCount: number
  readonly rateLimitRpm: number
  readonly injectionAction: string
  readonly scrubsCredentials: boolean
  readonly toolProfile: string | null
  /** Entries of `tools.deny` that name no tool and no group there is. */
  readonly ineffectiveDenyRules: readonly string[]
  readonly approvalTimeoutSeconds: number
  readonly hasBudget: boolean
  /** Kinds of data that are kept without an end. */
  readonly keptForever: readonly string[]
  readonly keys: readonly KeyFacts[]
  readonly issuers: readonly IssuerFacts[]
  readonly secrets: SecretFacts
  readonly agents: readonly AgentFacts[]
  readonly providers: readonly ProviderFacts[]
  readonly mcpServers: readonly McpServerFacts[]
  readonly channels: readonly ChannelFacts[]
  readonly webhooks: readonly WebhookFacts[]
  readonly runHooks: readonly RunHookFacts[]
  readonly customTools: readonly CustomToolFacts[]
  readonly skills: readonly SkillFacts[]
  readonly jobs: readonly JobFacts[]
  /** Where traces are sent; null: nowhere. */
  readonly exporter: ExporterFacts | null
  /** Model vendors are told which calls belong together. */
  readonly tracesReachModels: boolean
  /** Null: whole. */
  readonly brokenAt: number | null
  /** Of its records, those that no key and no later record speaks for. */
  readonly unverifiedRecords: number
  readonly stops: number
}

export interface AuditFacts {
  readonly now: number
  /** Null for whoever is not the operator of the gateway. */
  readonly platform: PlatformFacts | null
  readonly tenant: TenantFacts
  readonly suppressions: readonly Suppression[]
}

export type Check = (facts: AuditFacts) => readonly Found[]

/** A finding before it is dressed: `severity` only where it depends on what was found. */
export interface Found {
  readonly checkId: string
  readonly severity: Severity
  readonly title: string
  readonly detail: string
  readonly remediation: string
  readonly autoFix?: true
}

/** Few enough to read; the number says how many there are. */
const MAX_NAMED = 10

export const named = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`

/** One finding for all that it is true of; none where there is nothing. */
export const about = (
  names: readonly string[],
  finding: Omit<Found, 'detail'> & { readonly detail: (names: string) => string },
): readonly Found[] =>
  names.length === 0 ? [] : [{ ...finding, detail: finding.detail(named(names)) }]

export const when = (isSo: boolean, finding: Found): readonly Found[] => (isSo ? [finding] : [])

interface Addressed extends Reached {
  readonly name: string
  readonly isEnabled: boolean
}

interface AddressWords {
  readonly one: string
  readonly what: string
  /** How the family calls the address, in its settings. */
  readonly setting?: string
  /** The last part of the check's id. */
  readonly privateId?: string
}

/** What is reached over a network: not inside it without somebody's word, and not in the clear. */
export function aboutAddresses(
  family: string,
  { one, what, setting = 'the address', privateId = 'private_url' }: AddressWords,
  all: readonly Addressed[],
): readonly Found[] {
  const enabled = all.filter(({ isEnabled }) => isEnabled)
  return [
    ...about(
      enabled.filter(({ isPrivate }) => isPrivate).map(({ name }) => name),
      {
        checkId: `${family}.${privateId}`,
        severity: 'critical',
        title: `${one} lies in a private network`,
        detail: (list) => `Reached from inside: ${list}.`,
        remediation: 'Use a public https address, or suppress this with the reason.',
      },
    ),
    ...about(
      enabled.filter(({ isPlainHttp }) => isPlainHttp).map(({ name }) => name),
      {
        checkId: `${family}.plain_http`,
        severity: 'critical',
        title: `${what} travel unencrypted`,
        detail: (list) => `http:// and not https://: ${list}.`,
        remediation: `Change ${setting} to https.`,
      },
    ),
  ]
}
