/**
 * Gathers what the doctor and the status report judge: every question may fail by itself, and what is
 * not answered stays unknown. It changes nothing anywhere.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { valueAt } from './answer-view.ts'
import { askHttp } from './ask-http.ts'
import { DisconnectedError, GatewayClient, RefusedError } from './client.ts'
import { CONNECTED_QUESTIONS, connectedFacts } from './connected-facts.ts'
import type {
  CredentialFact,
  DoctorFacts,
  FindingFact,
  HealthFact,
  ProviderFact,
} from './doctor-checks.ts'
import { CliFailure } from './failure.ts'
import { isReadableInBetween } from './gateway-url.ts'
import { type FoundGateway, findGateway } from './local-gateway.ts'
import { shapeOf } from './operations.ts'
import { isAlive } from './processes.ts'
import { openToOthers, profilesFile, profilesFolder } from './profiles.ts'
import { DEFAULT_STATE, type Environment } from './start/options.ts'
import { foundBy } from './whoami.ts'

export interface Gathered extends DoctorFacts {
  /** Answers of further operations by name; null for what was refused, or is not offered. */
  readonly answers: Readonly<Record<string, unknown>>
}

/** Asked when they are offered; what the credential may not see is answered by nothing. */
const ASKED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'providers.list': {},
  'api_keys.list': {},
  'security.audit': {},
  ...CONNECTED_QUESTIONS,
}

export async function gather(
  flags: ReadonlyMap<string, string>,
  env: Environment,
  more: typeof ASKED = {},
): Promise<Gathered> {
  const fault = profileFault(env)
  // A file that is open to others is read by no command; what else is wrong can still be found.
  const gateway = findGateway(flags, fault === null ? env : withoutProfiles(env))
  const url = new URL(gateway.url.replace(/^ws/, 'http'))
  const [health, asked] = await Promise.all([
    healthOf(url),
    askAll(gateway, flags, { ...ASKED, ...more }),
  ])
  const { answers } = asked
  return {
    now: Date.now(),
    nodeVersion: process.versions.node,
    profileFault: fault,
    url: url.origin,
    foundBy: foundBy(gateway.source),
    isReadableInBetween: isReadableInBetween(url),
    health,
    credential: withExpiry(asked.credential, answers['api_keys.list'], gateway.token),
    providers: providersOf(answers['providers.list']),
    runner: gateway.source.kind === 'state' ? localRunner(flags, env) : 'unknown',
    connected: connectedFacts(answers),
    findings: findingsOf(answers['security.audit']),
    answers,
  }
}

function profileFault(env: Environment): string | null {
  const [folder, file] = [profilesFolder(env), profilesFile(env)]
  if (folder === null || file === null) return null
  return openToOthers(file) === null ? null : (openToOthers(folder) ?? openToOthers(file))
}

const withoutProfiles = ({ HOME: _home, XDG_CONFIG_HOME: _config, ...env }: Environment) => env

const healthSchema = z.object({ protocol: z.number() })
const complaintSchema = z.object({ error: z.object({ message: z.string().max(1_000) }) })

async function healthOf(url: URL): Promise<HealthFact> {
  try {
    const { status, headers, text, certificateEndsAt } = await askHttp(new URL('/health', url))
    const body = parsed(text)
    const complaint = complaintSchema.safeParse(body)
    const date = Date.parse(headers['date'] ?? '')
    return {
      kind: 'answered',
      status,
      protocol: healthSchema.safeParse(body).data?.protocol ?? null,
      complaint: status === 503 && complaint.success ? complaint.data.error.message : null,
      date: Number.isNaN(date) ? null : date,
      certificateEndsAt,
    }
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    return { kind: 'unreachable', code: code ?? name }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

interface Asked {
  readonly credential: CredentialFact
  readonly answers: Readonly<Record<string, unknown>>
}

async function askAll(
  { url, token }: FoundGateway,
  flags: ReadonlyMap<string, string>,
  questions: typeof ASKED,
): Promise<Asked> {
  const tenantId = flags.get('tenant')
  try {
    const { client, hello } = await GatewayClient.connect({
      url,
      token,
      ...(tenantId === undefined ? {} : { tenantId }),
    })
    if (hello?.role === undefined) {
      client.close()
      return {
        credential: { kind: 'refused', code: 'NOT_PAIRED', hasToken: token !== null },
        answers: {},
      }
    }
    try {
      const answers: Record<string, unknown> = {}
      for (const [name, params] of Object.entries(questions))
        if (shapeOf(name) !== undefined)
          answers[name] = await client.request(name, params).catch(() => null)
      const { role, server } = hello
      return {
        credential: { kind: 'accepted', role, version: server?.version ?? '', expiresAt: null },
        answers,
      }
    } finally {
      client.close()
    }
  } catch (error) {
    if (error instanceof RefusedError)
      return {
        credential: { kind: 'refused', code: error.refusal.code, hasToken: token !== null },
        answers: {},
      }
    if (error instanceof DisconnectedError) return { credential: { kind: 'unknown' }, answers: {} }
    throw error
  }
}

/** Which of the keys listed is one's own is told by its beginning. */
function withExpiry(
  credential: CredentialFact,
  listed: unknown,
  token: string | null,
): CredentialFact {
  const keys = valueAt(listed, 'keys')
  if (credential.kind !== 'accepted' || token === null || !Array.isArray(keys)) return credential
  const own = keys.find((key) => {
    const prefix = valueAt(key, 'prefix')
    return typeof prefix === 'string' && prefix.length > 3 && token.startsWith(prefix)
  })
  const expires = Date.parse(String(valueAt(own, 'expires_at')))
  return Number.isNaN(expires) ? credential : { ...credential, expiresAt: expires }
}

function providersOf(listed: unknown): readonly ProviderFact[] | null {
  const rows = valueAt(listed, 'providers')
  if (!Array.isArray(rows)) return null
  return rows.map((row) => ({
    type: String(valueAt(row, 'provider_type')),
    isEnabled: valueAt(row, 'enabled') === true,
  }))
}

const findingsSchema = z.object({
  findings: z.array(
    z.object({
      checkId: z.string(),
      severity: z.string(),
      title: z.string(),
      remediation: z.string().default(''),
    }),
  ),
})

const findingsOf = (report: unknown): readonly FindingFact[] | null =>
  findingsSchema.safeParse(report).data?.findings ?? null

function localRunner(flags: ReadonlyMap<string, string>, env: Environment): DoctorFacts['runner'] {
  const folder = resolve(flags.get('state') ?? (env['EDGECLAW_STATE'] || DEFAULT_STATE))
  try {
    return isAlive(Number(readFileSync(resolve(folder, 'runner.pid'), 'utf8'))) ? 'runs' : 'absent'
  } catch (error) {
    if (error instanceof CliFailure) throw error
    return 'absent'
  }
}
