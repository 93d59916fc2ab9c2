/** `edgeclaw packages`: what is installed in an agent's image, and changing it while one watches. */
import { GatewayClient } from './client.ts'
import { CliFailure } from './failure.ts'
import { describeFlags, type FlagSpec, nearest, parseFlags } from './flags.ts'
import { findGateway, GATEWAY_FLAGS } from './local-gateway.ts'
import { inPlainWords } from './plain-words.ts'
import type { Environment } from './start/options.ts'
import { type Palette, paletteFor, toOneLine, toPlainText, toRows, widthOf } from './terminal.ts'
import type { Output } from './transcript.ts'

/** The agent that every tenant begins with. */
const DEFAULT_AGENT = 'default'
const PROGRESS_EVENT = 'agents.packages.progress'
/** A gateway takes a socket for gone that says nothing for ten minutes, and a build may take as long. */
const PING_EVERY_MS = 60_000

const FLAGS: readonly FlagSpec[] = [
  { name: 'agent', value: 'KEY', help: `whose image (default: ${DEFAULT_AGENT})` },
  { name: 'json', help: 'print what the gateway answers' },
  { name: 'tenant', value: 'ID', help: 'id or slug of the tenant (only some credentials may)' },
  { name: 'user', value: 'ID', help: 'act as this user (only some credentials may)' },
  ...GATEWAY_FLAGS,
]

const SUBCOMMANDS = {
  list: ['list', 'show what is installed, in which version, and who added it'],
  add: ['add PACKAGE...', 'build the image with more, and keep their versions'],
  remove: ['remove PACKAGE...', 'take some out; the image is built anew at its next use'],
} as const
type Subcommand = keyof typeof SUBCOMMANDS

export const packagesHelp = (palette: Palette): string => `edgeclaw packages COMMAND [flags]

${toRows(Object.values(SUBCOMMANDS), { ...palette, dim: palette.bold })}

A PACKAGE is MANAGER:NAME or MANAGER:NAME@VERSION, MANAGER one of apt, pip and npm:
  packages add apt:jq pip:jinja2@3.1.4 npm:@types/node

${describeFlags(FLAGS)}
`

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
    throw new CliFailure(
      `${JSON.stringify(text)} is no package: write apt:NAME or apt:NAME@VERSION`,
    )
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
  const rows = packages.map(({ manager, name, version, added_by, added_at }) =>
    [manager, name, version, added_at.slice(0, 10), added_by].map(toPlainText),
  )
  const header = ['MANAGER', 'NAME', 'VERSION', 'ADDED', 'BY']
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[palette.dim(lineOf(header)), ...rows.map(lineOf)].join('\n')}\n`
}

function parseSubcommand(name: string): Subcommand {
  if (Object.hasOwn(SUBCOMMANDS, name)) return name as Subcommand
  const near = nearest(name, Object.keys(SUBCOMMANDS))
  throw new CliFailure(
    `there is no packages ${name}. ${near ? `Did you mean ${near}?` : 'See packages --help.'}`,
  )
}

export async function packages(args: readonly string[], io: PackagesIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  const palette = paletteFor(io.stdout)
  if (values.has('help')) {
    io.stdout.write(packagesHelp(palette))
    return 0
  }
  const [name = 'list', ...named] = positionals
  const subcommand = parseSubcommand(name)
  if ((subcommand === 'list') !== (named.length === 0)) {
    throw new CliFailure(`usage: packages ${SUBCOMMANDS[subcommand][0]}`)
  }
  const agentId = values.get('agent') ?? DEFAULT_AGENT
  const params =
    subcommand === 'list' ? { agentId } : { agentId, packages: named.map(parsePackage) }
  const address = findGateway(values, io.env)
  const [tenantId, userId] = [values.get('tenant'), values.get('user')]
  const isJson = values.has('json')
  try {
    const { client } = await GatewayClient.connect({
      ...address,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(userId === undefined ? {} : { userId }),
    })
    if (!isJson) client.onEvent((frame) => showProgress(frame, io.stderr))
    const pings = setInterval(() => client.sendRaw('ping'), PING_EVERY_MS)
    try {
      const answer = (await client.request(`agents.packages.${subcommand}`, params)) as Listed
      io.stdout.write(isJson ? `${JSON.stringify(answer)}\n` : tableOf(answer, palette))
      return 0
    } finally {
      clearInterval(pings)
      client.close()
    }
  } catch (error) {
    throw inPlainWords(error, address)
  }
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
