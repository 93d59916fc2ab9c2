/** `edgeclaw packages`: what is installed in an agent's image, and changing it while one watches. */
import { nearestKey } from '../domain/config/nearest-key.ts'
import { toTable } from './answer-view.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import type { Environment } from './start/options.ts'
import { type Palette, paletteFor, toJsonText, toOneLine, widthOf } from './terminal.ts'
import type { Output } from './transcript.ts'

/** The agent that every tenant begins with. */
const DEFAULT_AGENT = 'default'
const PROGRESS_EVENT = 'agents.packages.progress'
/** A gateway takes a socket for gone that says nothing for ten minutes, and a build may take as long. */
const PING_EVERY_MS = 60_000

const FLAGS: readonly FlagSpec[] = [
  { name: 'agent', value: 'KEY', help: `whose image (default: ${DEFAULT_AGENT})` },
  ...CONNECTION_FLAGS,
]

const SUBCOMMANDS = ['list', 'add', 'remove'] as const
type Subcommand = (typeof SUBCOMMANDS)[number]

export interface PackagesIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Environment
}

interface NamedPackage {
  readonly manager: string
  readonly name: string
  readonly version?: string
}

/** The first `@` may be a scope's; whether there is such a manager and name the gateway says. */
export function parsePackage(text: string): NamedPackage {
  const [, manager, name, version] = /^([a-z]+):(.[^@]*)(?:@(.+))?$/.exec(text) ?? []
  if (manager === undefined || name === undefined) {
    throw usageFailure(`${JSON.stringify(text)} is no package: write apt:NAME or apt:NAME@VERSION`)
  }
  return { manager, name, ...(version === undefined ? {} : { version }) }
}

interface Listed {
  readonly agentId: string
  readonly packages: readonly {
    readonly manager: string
    readonly name: string
    readonly version: string
    readonly added_by: string
    readonly added_at: string
  }[]
}

function tableOf({ agentId, packages }: Listed, palette: Palette): string {
  if (packages.length === 0) return `${palette.dim(`Agent ${agentId} has no packages.`)}\n`
  const rows = packages.map((row) => ({ ...row, added_at: row.added_at.slice(0, 10) }))
  const columns = ['manager', 'name', 'version', 'added_at', ['added_by', 'by']] as const
  return toTable(rows, columns, palette, undefined)
}

function parseSubcommand(name: string): Subcommand {
  const known = SUBCOMMANDS.find((each) => each === name)
  if (known !== undefined) return known
  const near = nearestKey(name, SUBCOMMANDS)
  throw usageFailure(
    `there is no packages ${name}. ${near ? `Did you mean ${near}?` : 'See packages --help.'}`,
  )
}

export async function packages(args: readonly string[], io: PackagesIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  const palette = paletteFor(io.stdout)
  const [name = 'list', ...named] = positionals
  const subcommand = parseSubcommand(name)
  if ((subcommand === 'list') !== (named.length === 0)) {
    throw usageFailure(`usage: packages ${subcommand}${subcommand === 'list' ? '' : ' PACKAGE...'}`)
  }
  const agentId = values.get('agent') ?? DEFAULT_AGENT
  const params =
    subcommand === 'list' ? { agentId } : { agentId, packages: named.map(parsePackage) }
  const isJson = values.has('json')
  return withGateway(values, io.env, async ({ client }) => {
    if (!isJson) client.onEvent((frame) => showProgress(frame, io.stderr))
    const pings = setInterval(() => client.sendRaw('ping'), PING_EVERY_MS)
    try {
      const answer = (await client.request(`agents.packages.${subcommand}`, params)) as Listed
      io.stdout.write(isJson ? `${toJsonText(answer)}\n` : tableOf(answer, palette))
      return 0
    } finally {
      clearInterval(pings)
    }
  })
}

/** A build's output is written by whoever wrote the packages. */
function showProgress(
  { event, payload }: { readonly event: string; readonly payload?: unknown },
  stderr: Output,
): void {
  if (event !== PROGRESS_EVENT) return
  const { lines } = payload as { readonly lines: readonly string[] }
  const { dim } = paletteFor(stderr)
  for (const line of lines) stderr.write(`${dim(toOneLine(line, widthOf(stderr)))}\n`)
}

export const PACKAGES: Action = {
  flags: FLAGS,
  run: (args, io, verb) => packages([verb, ...args], io),
}
