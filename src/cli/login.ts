/**
 * `edgeclaw login` and `logout`: a credential proven against its gateway, then kept. It comes from a
 * prompt without echo, a pipe or a pairing code, never from the command line, and is printed nowhere.
 */
import { z } from 'zod'
import { askHttp } from './ask-http.ts'
import { GatewayClient, type Hello } from './client.ts'
import type { Action, CommandIo } from './commands/command.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { isReadableInBetween, parseGatewayUrl } from './gateway-url.ts'
import { inPlainWords } from './plain-words.ts'
import {
  checkProfileName,
  DEFAULT_PROFILE,
  type Profiles,
  profileNamed,
  readProfiles,
  writeProfiles,
} from './profiles.ts'
import { DEFAULT_PORT } from './start/options.ts'
import { paletteFor, toJsonText, toOneLine } from './terminal.ts'
import { readSecret } from './terminal-input.ts'

const MAX_TOKEN_CHARS = 16_384
const PROFILE_FLAG: FlagSpec = {
  name: 'profile',
  value: 'NAME',
  help: 'the name to keep it under (default: the current one)',
}

const LOGIN_FLAGS: readonly FlagSpec[] = [
  { name: 'url', value: 'URL', help: 'the gateway, as https://gateway.example' },
  { name: 'token-stdin', help: 'read the token from standard input instead of asking for it' },
  {
    name: 'pair',
    value: 'CODE',
    help: 'a pairing code instead of a token; - asks for it, or reads a pipe',
  },
  PROFILE_FLAG,
  { name: 'plain-http', help: 'send the token unencrypted to another machine' },
  { name: 'json', help: 'print who you are as JSON' },
]

export const LOGIN: Action = { flags: LOGIN_FLAGS, run: login }
export const LOGOUT: Action = {
  flags: [{ ...PROFILE_FLAG, help: 'which one (default: the current one)' }],
  run: logout,
}

async function login(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, LOGIN_FLAGS)
  // Whatever stands here may be a token: it is not repeated.
  if (positionals.length > 0)
    throw usageFailure('login takes no words; a token is typed when asked for, or piped in')
  const profiles = readProfiles(io.env)
  const name = checkProfileName(values.get('profile') ?? profiles.current ?? DEFAULT_PROFILE)
  const known = Object.hasOwn(profiles.profiles, name) ? profiles.profiles[name] : undefined
  const asked = values.get('url') ?? (io.env['EDGECLAW_URL'] || undefined)
  const url = parseGatewayUrl(asked ?? known?.url ?? `http://127.0.0.1:${DEFAULT_PORT}`)
  if (known !== undefined && known.url !== url.origin && !values.has('profile'))
    throw usageFailure(
      `profile ${name} is for ${known.url}; keep this one beside it with --profile NAME, or replace it with --profile ${name}`,
    )
  if (isReadableInBetween(url) && !values.has('plain-http'))
    throw usageFailure(
      `${url.origin} is not encrypted: use https://, or say --plain-http where nobody listens`,
    )
  const token = await obtainToken(values, url, io)
  const hello = await prove(url, token)
  const file = writeProfiles(io.env, {
    current: profiles.current ?? name,
    profiles: { ...profiles.profiles, [name]: { url: url.origin, token } },
  })
  tell(hello, name, profiles, file, values.has('json'), io)
  return EXIT.ok
}

async function obtainToken(
  values: ReadonlyMap<string, string>,
  url: URL,
  io: CommandIo,
): Promise<string> {
  const code = values.get('pair')
  // Whoever else is on this machine reads what stands on a command line, and the code is good once.
  if (code === '-') return checkToken(await pair(url, await readSecret(io, 'Pairing code')))
  if (code !== undefined) return checkToken(await pair(url, code))
  if (!io.stdin.isTTY && !values.has('token-stdin'))
    throw usageFailure('nobody can be asked for a token here: pipe it in with --token-stdin')
  return checkToken(await readSecret(io, `Token for ${url.origin}`))
}

function checkToken(token: string): string {
  if (token === '') throw usageFailure('no token was given')
  if (token.length <= MAX_TOKEN_CHARS && /^[\u0021-\u007e]+$/.test(token)) return token
  throw usageFailure('that is no token: it is one line of printable characters without spaces')
}

const pairedSchema = z.object({ token: z.string().min(1).max(MAX_TOKEN_CHARS) })
const refusedSchema = z.object({ error: z.object({ message: z.string().max(1_000) }) })

async function pair(url: URL, code: string): Promise<string> {
  if (!/^\d{6}$/.test(code)) throw usageFailure('a pairing code is six digits')
  const headers = { 'x-pairing-code': code }
  const answer = await askHttp(new URL('/pair', url), { method: 'POST', headers }).catch(() => {
    throw new CliFailure(`no gateway answers at ${url.origin}`, EXIT.unreachable)
  })
  const body = jsonOf(answer.text)
  const paired = pairedSchema.safeParse(body)
  if (answer.status < 300 && paired.success) return paired.data.token
  if (answer.status === 404) throw new CliFailure('this gateway does not offer pairing by code')
  const refused = refusedSchema.safeParse(body)
  const why = refused.success
    ? toOneLine(refused.data.error.message, 200)
    : `status ${answer.status}`
  throw new CliFailure(`the code was not accepted: ${why}`, EXIT.unauthorised)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function prove(url: URL, token: string): Promise<Hello> {
  const address = { url: url.origin, token }
  try {
    const { client, hello } = await GatewayClient.connect(address)
    client.close()
    if (hello?.role !== undefined) return hello
  } catch (error) {
    throw inPlainWords(error, address)
  }
  throw new CliFailure('the gateway does not accept this token', EXIT.unauthorised)
}

function tell(
  hello: Hello,
  name: string,
  before: Profiles,
  file: string,
  isJson: boolean,
  io: CommandIo,
): void {
  const { role, user_id: user, tenant_id: tenant } = hello
  if (isJson) {
    io.stdout.write(`${toJsonText({ profile: name, user_id: user, role, tenant_id: tenant })}\n`)
    return
  }
  const { green, dim } = paletteFor(io.stdout, io.env)
  const who = `${toOneLine(user, 100)}, ${toOneLine(role, 20)} of ${toOneLine(hello.tenant_slug ?? tenant, 100)}`
  io.stdout.write(`${green('✓')} logged in as ${who}\n`)
  const isTaken = (before.current ?? name) === name
  io.stderr.write(`${dim(`  profile ${name}, kept in ${file}`)}\n`)
  if (!isTaken)
    io.stderr.write(
      `${dim(`  taken with --profile ${name}; always, after: edgeclaw profiles use ${name}`)}\n`,
    )
}

async function logout(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, LOGOUT.flags)
  if (positionals.length > 0) throw usageFailure('logout takes no words: name one with --profile')
  const { current, profiles } = readProfiles(io.env)
  const name = values.get('profile') ?? current
  if (name === null) throw usageFailure('nobody is logged in')
  profileNamed({ current, profiles }, name)
  const { [name]: _, ...others } = profiles
  writeProfiles(io.env, { current: current === name ? null : current, profiles: others })
  io.stdout.write(`${paletteFor(io.stdout, io.env).green('✓')} forgot profile ${name}\n`)
  io.stderr.write('  The gateway still honours the token until it is revoked or expires.\n')
  return EXIT.ok
}
