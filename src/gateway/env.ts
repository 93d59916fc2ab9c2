/**
 * The platform's settings: bindings, vars and secrets, parsed once. A setting that is missing or
 * malformed stops the gateway with a sentence that names it; no control vanishes because a binding
 * is not there.
 */
import { z } from 'zod'
import { MIN_TOKEN_CHARS } from '../domain/gateway-token.ts'
import type { ConnectionPort } from '../domain/ports/connection.ts'
import type { InboxPort } from '../domain/ports/inbox.ts'
import type { LimiterPort } from '../domain/ports/limiter.ts'
import type { SessionPort } from '../domain/ports/session.ts'
import type { TenantPort } from '../domain/ports/tenant.ts'
import type { WorkspaceSource } from '../domain/ports/workspace.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type RunnerEndpoint, runnersSchema } from '../isolation/runners.ts'
import { isNetwork } from '../transport/client-address.ts'
import { isOriginEntry } from '../transport/origin.ts'

type ObjectBinding<Port> = DurableObjectNamespace<Port & Rpc.DurableObjectBranded>

/** What wrangler.toml binds. Ports stand for the classes, so that nothing here imports objects/. */
export interface Env {
  readonly DB: D1Database
  readonly BLOBS: R2Bucket
  readonly SESSIONS: ObjectBinding<SessionPort>
  readonly CONNECTIONS: ObjectBinding<ConnectionPort>
  readonly WORKSPACES: ObjectBinding<WorkspaceSource>
  readonly LIMITERS: ObjectBinding<LimiterPort>
  readonly TENANTS: ObjectBinding<TenantPort>
  readonly INBOXES: ObjectBinding<InboxPort>
  readonly ASSETS?: Fetcher
  /** The platform's own approximate limiter, which sheds floods before they cost an object. */
  readonly SHIELD?: RateLimit
  readonly EDGECLAW_TOKEN?: string
  readonly EDGECLAW_ENCRYPTION_KEY?: string
  readonly EDGECLAW_ENCRYPTION_KEY_PREVIOUS?: string
  readonly EDGECLAW_RUNNERS?: string
  readonly EDGECLAW_RUNNER_KEY?: string
  readonly EDGECLAW_PUBLIC_URL?: string
  readonly EDGECLAW_PLATFORM?: string
  readonly EDGECLAW_DEVELOPMENT_MODE?: string
  readonly EDGECLAW_OWNER_IDS?: string
  readonly EDGECLAW_ALLOWED_ORIGINS?: string
  readonly EDGECLAW_TRUSTED_PROXIES?: string
  readonly EDGECLAW_RATE_CEILING_RPM?: string
  readonly EDGECLAW_ACCEPT_PLAINTEXT?: string
}

const listSchema = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

const BINDINGS = [
  'DB',
  'BLOBS',
  'SESSIONS',
  'CONNECTIONS',
  'WORKSPACES',
  'LIMITERS',
  'TENANTS',
  'INBOXES',
] as const

const settingsSchema = z.object({
  EDGECLAW_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .min(MIN_TOKEN_CHARS, `must have at least ${MIN_TOKEN_CHARS} characters`)
    .optional(),
  EDGECLAW_ENCRYPTION_KEY: z.string('is missing: set 64 hex digits as a secret'),
  EDGECLAW_ENCRYPTION_KEY_PREVIOUS: z.string().optional(),
  EDGECLAW_RUNNERS: runnersSchema.default([]),
  EDGECLAW_RUNNER_KEY: z.string().optional(),
  EDGECLAW_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  EDGECLAW_PLATFORM: z.enum(['cloudflare', 'local']).default('cloudflare'),
  EDGECLAW_DEVELOPMENT_MODE: z.enum(['0', '1']).default('0'),
  EDGECLAW_OWNER_IDS: listSchema.default(['system']),
  EDGECLAW_ALLOWED_ORIGINS: listSchema
    .refine((list) => list.every(isOriginEntry), 'must list origins as browsers write them, or *')
    .default([]),
  EDGECLAW_TRUSTED_PROXIES: listSchema
    .refine((list) => list.every(isNetwork), 'must list addresses or CIDR ranges')
    .default([]),
  EDGECLAW_RATE_CEILING_RPM: z.coerce.number().int().min(0).default(0),
  EDGECLAW_ACCEPT_PLAINTEXT: z.enum(['0', '1']).default('0'),
})

/** The release, as clients see it. */
const VERSION = '0.1.0'

export interface Settings {
  readonly version: string
  readonly token: string | null
  readonly encryptionKey: string
  readonly previousEncryptionKey: string | null
  readonly acceptPlaintext: boolean
  readonly runners: readonly RunnerEndpoint[]
  readonly runnerKey: string | null
  /** Scheme, host and port that clients see, when these are not the request's own. */
  readonly publicOrigin: string | null
  readonly platform: 'cloudflare' | 'local'
  readonly isDevelopmentMode: boolean
  readonly ownerIds: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  /** No tenant may allow more starts of runs a minute and user than this; 0 sets no ceiling. */
  readonly rateCeilingRpm: number
}

/** @returns the settings, or the sentence to answer 503 with. It names settings, never values. */
export function parseSettings(env: Env): Result<Settings, string> {
  for (const binding of BINDINGS) {
    if (!env[binding]) return err(`binding ${binding} is missing: see wrangler.toml`)
  }
  if (env.EDGECLAW_PLATFORM !== 'local' && !env.SHIELD) {
    return err('binding SHIELD is missing: see wrangler.toml')
  }
  const parsed = settingsSchema.safeParse(withoutEmpty(env))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    // The sentence is told to whoever asks: a misplaced secret may stand where a key belongs.
    const fault = issue?.code === 'unrecognized_keys' ? 'holds an unknown key' : issue?.message
    return err(`${String(issue?.path[0] ?? 'a setting')} ${fault ?? 'is not valid'}`)
  }
  const vars = parsed.data
  const isDevelopmentMode = vars.EDGECLAW_DEVELOPMENT_MODE === '1'
  if (isDevelopmentMode && vars.EDGECLAW_PLATFORM !== 'local') {
    return err('EDGECLAW_DEVELOPMENT_MODE is for local runs only: remove it')
  }
  if (isDevelopmentMode && vars.EDGECLAW_TOKEN !== undefined) {
    return err('EDGECLAW_DEVELOPMENT_MODE lets everybody in without EDGECLAW_TOKEN: remove one')
  }
  if (vars.EDGECLAW_TOKEN === undefined && !isDevelopmentMode) {
    return err('EDGECLAW_TOKEN is missing: set it with `wrangler secret put EDGECLAW_TOKEN`')
  }
  if (vars.EDGECLAW_RUNNERS.length > 0 && vars.EDGECLAW_RUNNER_KEY === undefined) {
    return err('EDGECLAW_RUNNER_KEY is missing: EDGECLAW_RUNNERS needs the key that signs its jobs')
  }
  return ok({
    version: VERSION,
    token: vars.EDGECLAW_TOKEN ?? null,
    encryptionKey: vars.EDGECLAW_ENCRYPTION_KEY,
    previousEncryptionKey: vars.EDGECLAW_ENCRYPTION_KEY_PREVIOUS ?? null,
    acceptPlaintext: vars.EDGECLAW_ACCEPT_PLAINTEXT === '1',
    runners: vars.EDGECLAW_RUNNERS,
    runnerKey: vars.EDGECLAW_RUNNER_KEY ?? null,
    publicOrigin: vars.EDGECLAW_PUBLIC_URL ? new URL(vars.EDGECLAW_PUBLIC_URL).origin : null,
    platform: vars.EDGECLAW_PLATFORM,
    isDevelopmentMode,
    ownerIds: vars.EDGECLAW_OWNER_IDS,
    allowedOrigins: vars.EDGECLAW_ALLOWED_ORIGINS,
    trustedProxies: vars.EDGECLAW_TRUSTED_PROXIES,
    rateCeilingRpm: vars.EDGECLAW_RATE_CEILING_RPM,
  })
}

/** An empty var in wrangler.toml means "not set". */
const withoutEmpty = (env: Env): Record<string, unknown> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
