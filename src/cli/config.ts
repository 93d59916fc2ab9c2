/**
 * `edgeclaw config`: a tenant's configuration read, changed, or brought up to a preset. The gateway
 * judges every change first, and what it would come to is shown before it is written; what is
 * written rests on the document that was shown.
 */
import { readFileSync } from 'node:fs'
import type { ChangedConfig } from '../api/config-change.ts'
import { nearestKey } from '../domain/config/nearest-key.ts'
import {
  leavesOf,
  loosenedBy,
  PRESETS,
  type Preset,
  type PresetName,
  presetPatch,
  valueAt,
} from '../domain/config/presets.ts'
import type { GatewayClient } from './client.ts'
import type { Action } from './commands/command.ts'
import { type Change, toChangeRows } from './config-changes.ts'
import { CONNECTION_FLAGS, tenantIsAbsent, withGateway } from './connection.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { type FlagSpec, type ParsedFlags, parseFlags } from './flags.ts'
import type { Environment } from './start/options.ts'
import { type Palette, paletteFor, toJsonText, toOneLine, toRows, widthOf } from './terminal.ts'
import type { Output } from './transcript.ts'

const CONFIG_FLAGS: readonly FlagSpec[] = [
  { name: 'dry-run', help: 'show what would change, and change nothing' },
  ...CONNECTION_FLAGS,
]

const SUBCOMMANDS = {
  get: 'get [PATH]',
  schema: 'schema',
  apply: 'apply FILE',
  patch: "patch 'JSON'",
  preset: 'preset list|NAME',
} as const
type Subcommand = keyof typeof SUBCOMMANDS

export interface ConfigIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Environment
}

type Tree = Readonly<Record<string, unknown>>

interface Held {
  readonly config: Tree
  readonly hash: string
}

/** Agents that are looked at for settings of their own; each is a request. */
const MAX_AGENTS_LOOKED_AT = 50

export async function config(args: readonly string[], io: ConfigIo): Promise<number> {
  const flags = parseFlags(args, CONFIG_FLAGS)
  const [name = '', ...rest] = flags.positionals
  const subcommand = parseSubcommand(name)
  if (subcommand === 'preset' && rest[0] === 'list') {
    only(rest.slice(1), 0, 'preset list')
    io.stdout.write(presetList(paletteFor(io.stdout)))
    return 0
  }
  // Read before anybody is asked: a mistyped file name needs no gateway.
  const request = parseRequest(subcommand, rest)
  return withGateway(flags.values, io.env, ({ client }) =>
    carryOut(request, client, flags, io).catch((error: unknown) => {
      // Of all that is asked here, only the tenant can be absent.
      throw tenantIsAbsent(error, flags.values.get('tenant')) ?? error
    }),
  )
}

type ConfigRequest =
  | { readonly kind: 'get'; readonly path: string | null }
  | { readonly kind: 'schema' }
  | {
      readonly kind: 'change'
      readonly method: 'config.apply' | 'config.patch'
      readonly raw: string
    }
  | { readonly kind: 'preset'; readonly name: PresetName }

function parseSubcommand(name: string): Subcommand {
  if (Object.hasOwn(SUBCOMMANDS, name)) return name as Subcommand
  const near = nearestKey(name, Object.keys(SUBCOMMANDS))
  const hint = near === null ? 'config --help lists what there is.' : `Did you mean ${near}?`
  throw usageFailure(`unknown command config ${JSON.stringify(name)}. ${hint}`)
}

function parseRequest(subcommand: Subcommand, rest: readonly string[]): ConfigRequest {
  switch (subcommand) {
    case 'get':
      return { kind: 'get', path: only(rest, 1, 'get')[0] ?? null }
    case 'schema':
      only(rest, 0, 'schema')
      return { kind: 'schema' }
    case 'apply':
      return { kind: 'change', method: 'config.apply', raw: readDocument(one(rest, 'apply')) }
    case 'patch':
      return { kind: 'change', method: 'config.patch', raw: checkJson(one(rest, 'patch'), 'patch') }
    case 'preset':
      return { kind: 'preset', name: parsePreset(one(rest, 'preset')) }
  }
}

function only(rest: readonly string[], most: number, subcommand: string): readonly string[] {
  if (rest.length <= most) return rest
  throw usageFailure(`config ${subcommand} takes no ${JSON.stringify(rest[most])}`)
}

function one(rest: readonly string[], subcommand: Subcommand): string {
  const [value] = only(rest, 1, subcommand)
  if (value !== undefined) return value
  throw usageFailure(`config ${subcommand} needs more: edgeclaw config ${SUBCOMMANDS[subcommand]}`)
}

function readDocument(path: string): string {
  try {
    return checkJson(readFileSync(path === '-' ? 0 : path, 'utf8'), path)
  } catch (error) {
    if (error instanceof CliFailure) throw error
    throw usageFailure(`cannot read ${path}: ${(error as Error).message}`)
  }
}

function checkJson(text: string, from: string): string {
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    throw usageFailure(`${from} holds no JSON: ${(error as Error).message}`)
  }
}

function parsePreset(name: string): PresetName {
  if (Object.hasOwn(PRESETS, name)) return name as PresetName
  const near = nearestKey(name, Object.keys(PRESETS))
  const hint = near === null ? 'config preset list shows what there is.' : `Did you mean ${near}?`
  throw usageFailure(`unknown preset ${JSON.stringify(name)}. ${hint}`)
}

async function carryOut(
  request: ConfigRequest,
  client: GatewayClient,
  flags: ParsedFlags,
  io: ConfigIo,
): Promise<number> {
  switch (request.kind) {
    case 'get': {
      const held = (await client.request('config.get')) as Held
      return print(request.path === null ? held.config : settingAt(held, request.path), io)
    }
    case 'schema':
      return print(((await client.request('config.schema')) as { schema: unknown }).schema, io)
    case 'change':
      return change(client, request.method, () => request.raw, flags, io)
    case 'preset': {
      const preset: Preset = PRESETS[request.name]
      const { bold, dim } = paletteFor(io.stdout)
      if (!flags.values.has('json'))
        io.stdout.write(`\n${bold(request.name)} ${dim(`· ${preset.summary}`)}\n`)
      const code = await change(
        client,
        'config.patch',
        (held) => JSON.stringify(presetPatch(preset, held.config)),
        flags,
        io,
      )
      await tellLoosened(client, preset, io)
      return code
    }
  }
}

function settingAt({ config: document }: Held, path: string): unknown {
  const value = valueAt(document, path)
  if (value === undefined) throw new CliFailure(`${path} is not set, or no setting`)
  return value
}

function print(value: unknown, { stdout }: ConfigIo): number {
  stdout.write(`${toJsonText(value, 2)}\n`)
  return 0
}

/** Judged, shown, written: three steps against one hash, so that what was shown is what comes. */
async function change(
  client: GatewayClient,
  method: 'config.apply' | 'config.patch',
  rawFor: (held: Held) => string,
  flags: ParsedFlags,
  io: ConfigIo,
): Promise<number> {
  const held = (await client.request('config.get')) as Held
  const params = { raw: rawFor(held), baseHash: held.hash }
  // Compared by the gateway: here both sides of a value that is masked would look the same.
  const judged = (await client.request(method, { ...params, dryRun: true })) as ChangedConfig
  const changes = judged.diff
  const isDryRun = flags.values.has('dry-run')
  show(changes, flags.values.has('json'), io)
  const { green, yellow, dim } = paletteFor(io.stderr)
  if (changes.length === 0) {
    io.stderr.write(`${dim('Nothing to change: the configuration says this already.')}\n`)
    return 0
  }
  const count = `${changes.length} setting${changes.length === 1 ? '' : 's'}`
  if (isDryRun) {
    io.stderr.write(`${yellow(`${count} would change.`)} ${dim('Nothing was written.')}\n`)
    return 0
  }
  const { hash } = (await client.request(method, params)) as Held
  const versions = `${held.hash.slice(0, 8)} → ${hash.slice(0, 8)}`
  io.stderr.write(`${green(`${count} changed.`)} ${dim(`Document ${versions}`)}\n`)
  return 0
}

function show(changes: readonly Change[], isJson: boolean, { stdout }: ConfigIo): void {
  if (isJson) {
    const told = changes.map(({ path, before, after }) => ({ path, from: before, to: after }))
    stdout.write(`${toJsonText(told)}\n`)
  } else if (changes.length > 0) {
    stdout.write(`\n${toChangeRows(changes, paletteFor(stdout), widthOf(stdout))}\n\n`)
  }
}

/** An agent's own setting wins over its tenant's: silence about it would be a false comfort. */
async function tellLoosened(client: GatewayClient, preset: Preset, io: ConfigIo): Promise<void> {
  const { agents } = (await client.request('agents.list')) as { agents: { id: string }[] }
  const { yellow, dim } = paletteFor(io.stderr)
  for (const { id } of agents.slice(0, MAX_AGENTS_LOOKED_AT)) {
    const agent = (await client.request('agents.get', { id })) as { settings: object }
    const loosened = loosenedBy(preset, agent.settings)
    if (loosened.length === 0) continue
    const line = `agent ${id} sets of its own ${loosened.join(', ')}`
    io.stderr.write(`${yellow('!')} ${toOneLine(line, widthOf(io.stderr) - 2)}\n`)
  }
  const unseen = agents.length - MAX_AGENTS_LOOKED_AT
  if (unseen > 0) io.stderr.write(`${dim(`${unseen} more agents were not looked at.`)}\n`)
}

function presetList(palette: Palette): string {
  const presets: Readonly<Record<string, Preset>> = PRESETS
  const blocks = Object.entries(presets).map(([name, { summary, settings }]) => {
    const changes = leavesOf(settings).map(
      ([path, value]) => [path, toOneLine(formatted(value), 60)] as const,
    )
    return `${palette.bold(name)} ${palette.dim(`· ${summary}`)}\n\n${toRows(changes, palette)}\n`
  })
  return `\n${blocks.join('\n')}`
}

const formatted = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : String(value)

export const CONFIG: Action = {
  flags: CONFIG_FLAGS,
  run: (args, io, verb) => config([verb, ...args], io),
}
