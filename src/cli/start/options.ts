/**
 * What `npm start` was asked for: flags first, then EDGECLAW_* variables, then defaults. Anything
 * that cannot be meant is refused here, before a process or a file exists.
 */
import { isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import { MIN_TOKEN_CHARS } from '../../domain/gateway-token.ts'
import { runnersSchema } from '../../isolation/runners.ts'
import { CliFailure } from '../failure.ts'
import { type FlagSpec, parseFlags } from '../flags.ts'

export const DEFAULT_PORT = 8787
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_STATE = '.edgeclaw-state'
export const DEFAULT_SANDBOX_IMAGE = 'edgeclaw-sandbox:bookworm-slim'
export const START_FLAGS: readonly FlagSpec[] = [
  {
    name: 'port',
    value: 'N',
    help: `port to listen on (default ${DEFAULT_PORT}; 0 = any free one)`,
  },
  { name: 'host', value: 'ADDRESS', help: `address to listen on (default ${DEFAULT_HOST})` },
  { name: 'state', value: 'DIR', help: `folder of databases and keys (default ${DEFAULT_STATE})` },
  { name: 'token', value: 'T', help: 'gateway token; "none" = development mode, loopback only' },
  { name: 'no-runner', help: 'start no sandbox-runner: the exec tool is refused' },
  { name: 'quiet', help: 'print only warnings, errors and the ready line' },
  { name: 'dist', value: 'DIR', help: 'use this build as it is', isInternal: true },
]

export type TokenChoice =
  | { readonly kind: 'kept' }
  | { readonly kind: 'given'; readonly value: string }
  | { readonly kind: 'none' }

export interface StartOptions {
  readonly port: number
  readonly host: string
  readonly stateDir: string
  readonly token: TokenChoice
  readonly isRunnerWanted: boolean
  readonly isQuiet: boolean
  readonly sandboxImage: string
  /** 64 hex digits, or another form that the gateway takes; null: the state folder's own. */
  readonly encryptionKey: string | null
  /** JSON list of runners that stand elsewhere; null: the one started here. */
  readonly runners: string | null
  readonly publicUrl: string | null
  readonly dist: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new CliFailure(`the port must be a number from 0 to 65535, not ${JSON.stringify(text)}`)
  }
  return port
}

function parseSwitch(name: string, text: string | undefined): boolean {
  if (text === undefined || /^(|0|false|no|off)$/i.test(text)) return false
  if (/^(1|true|yes|on)$/i.test(text)) return true
  throw new CliFailure(`${name} must be 1 or 0, not ${JSON.stringify(text)}`)
}

function parseToken(text: string | undefined, host: string): TokenChoice {
  if (text === undefined) return { kind: 'kept' }
  if (text === 'none') {
    // Without a token whoever reaches the port is admin; so nobody but this machine may reach it.
    if (isLoopback(host)) return { kind: 'none' }
    throw new CliFailure(
      `--token none makes every caller an admin, so it needs a loopback --host, not ${host}`,
    )
  }
  if (text.length < MIN_TOKEN_CHARS || /[^\u0021-\u007e]/.test(text)) {
    throw new CliFailure(
      `the token must be at least ${MIN_TOKEN_CHARS} printable characters without spaces; leave it out and one is made`,
    )
  }
  return { kind: 'given', value: text }
}

function parsePublicUrl(text: string | undefined): string | null {
  if (!text) return null
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new CliFailure(`EDGECLAW_PUBLIC_URL must be an http(s) URL, not ${JSON.stringify(text)}`)
  }
  let base = text
  while (base.endsWith('/')) base = base.slice(0, -1)
  return base
}

/** The gateway's own reading: what it would answer 503 to starts no gateway. */
function checkRunners(text: string | undefined): string | null {
  if (!text) return null
  const parsed = runnersSchema.safeParse(text)
  if (parsed.success) return text
  throw new CliFailure(`EDGECLAW_RUNNERS ${parsed.error.issues[0]?.message ?? 'is not valid'}`)
}

/** @returns null when only the help text was asked for. */
export function parseStartOptions(args: readonly string[], env: Environment): StartOptions | null {
  const { values, positionals } = parseFlags(args, START_FLAGS)
  if (values.has('help')) return null
  if (positionals.length > 0) {
    throw new CliFailure(
      `unexpected argument ${JSON.stringify(positionals[0])}; flags begin with --`,
    )
  }
  const pick = (flag: string, variable: string): string | undefined =>
    values.get(flag) ?? (env[variable] || undefined)
  const host = pick('host', 'EDGECLAW_HOST') ?? DEFAULT_HOST
  return {
    port: parsePort(pick('port', 'EDGECLAW_PORT') ?? String(DEFAULT_PORT)),
    host,
    stateDir: resolve(pick('state', 'EDGECLAW_STATE') ?? DEFAULT_STATE),
    token: parseToken(pick('token', 'EDGECLAW_TOKEN'), host),
    isRunnerWanted:
      !values.has('no-runner') && !parseSwitch('EDGECLAW_NO_RUNNER', env['EDGECLAW_NO_RUNNER']),
    isQuiet: values.has('quiet') || parseSwitch('EDGECLAW_QUIET', env['EDGECLAW_QUIET']),
    sandboxImage: env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE,
    encryptionKey: env['EDGECLAW_ENCRYPTION_KEY'] || null,
    runners: checkRunners(env['EDGECLAW_RUNNERS']),
    publicUrl: parsePublicUrl(env['EDGECLAW_PUBLIC_URL']),
    dist: values.get('dist') ?? null,
  }
}
