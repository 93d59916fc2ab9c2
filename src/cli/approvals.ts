/** `edgeclaw approvals`: the tool calls that wait for a human, and the human's answer. */
import { type ApprovalView, toApprovalLines } from './approval-view.ts'
import { GatewayClient } from './client.ts'
import { CliFailure } from './failure.ts'
import { describeFlags, type FlagSpec, nearest, parseFlags } from './flags.ts'
import { findGateway, GATEWAY_FLAGS } from './local-gateway.ts'
import { inPlainWords } from './plain-words.ts'
import type { Environment } from './start/options.ts'
import { type Palette, paletteFor, toRows, widthOf } from './terminal.ts'
import type { Output } from './transcript.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'always', help: 'with approve: the same command needs no approval from now on' },
  { name: 'json', help: 'print what the gateway answers' },
  { name: 'tenant', value: 'ID', help: 'id or slug of the tenant (only some credentials may)' },
  { name: 'user', value: 'ID', help: 'act as this user (only some credentials may)' },
  ...GATEWAY_FLAGS,
]

const SUBCOMMANDS = {
  list: ['list', 'show the calls that wait'],
  approve: ['approve ID', 'let one run'],
  deny: ['deny ID', 'refuse one'],
  standing: ['standing', 'show the commands that were allowed for always'],
  revoke: ['revoke ID', 'take one of those back'],
} as const
type Subcommand = keyof typeof SUBCOMMANDS

export const approvalsHelp = (palette: Palette): string => `edgeclaw approvals COMMAND [flags]

${toRows(Object.values(SUBCOMMANDS), { ...palette, dim: palette.bold })}

${describeFlags(FLAGS)}
`

export interface ApprovalsIo {
  readonly stdout: Output
  readonly env: Environment
}

const METHODS: Readonly<Record<Subcommand, string>> = {
  list: 'exec.approval.list',
  approve: 'exec.approval.approve',
  deny: 'exec.approval.deny',
  standing: 'exec.approval.standing.list',
  revoke: 'exec.approval.standing.revoke',
}
const DONE: Readonly<Partial<Record<Subcommand, string>>> = {
  approve: 'approved',
  deny: 'denied',
  revoke: 'revoked',
}

function parseSubcommand(name: string): Subcommand {
  if (Object.hasOwn(SUBCOMMANDS, name)) return name as Subcommand
  const near = nearest(name, Object.keys(SUBCOMMANDS))
  throw new CliFailure(
    `there is no approvals ${name}. ${near ? `Did you mean ${near}?` : 'See approvals --help.'}`,
  )
}

interface Listed {
  readonly pending?: readonly ApprovalView[]
  readonly standing?: readonly ApprovalView[]
}

export async function approvals(args: readonly string[], io: ApprovalsIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  const palette = paletteFor(io.stdout)
  if (values.has('help')) {
    io.stdout.write(approvalsHelp(palette))
    return 0
  }
  const [name = 'list', id, ...more] = positionals
  const subcommand = parseSubcommand(name)
  const done = DONE[subcommand]
  if (more.length > 0 || (done !== undefined) !== (id !== undefined)) {
    throw new CliFailure(`usage: approvals ${SUBCOMMANDS[subcommand][0]}`)
  }
  const address = findGateway(values, io.env)
  const [tenantId, userId] = [values.get('tenant'), values.get('user')]
  try {
    const { client } = await GatewayClient.connect({
      ...address,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(userId === undefined ? {} : { userId }),
    })
    try {
      const params = { ...(id === undefined ? {} : { id }), always: values.has('always') }
      const answer = (await client.request(METHODS[subcommand], params)) as Listed
      if (values.has('json')) io.stdout.write(`${JSON.stringify(answer)}\n`)
      else if (done !== undefined) io.stdout.write(`${palette.green('✓')} ${done} ${id}\n`)
      else io.stdout.write(listText(answer, palette, widthOf(io.stdout)))
      return 0
    } finally {
      client.close()
    }
  } catch (error) {
    throw inPlainWords(error, address)
  }
}

function listText({ pending, standing }: Listed, palette: Palette, width: number): string {
  const listed = pending ?? standing ?? []
  if (listed.length === 0) {
    return `${palette.dim(pending ? 'Nothing waits for approval.' : 'Nothing is allowed for always.')}\n`
  }
  return `${listed.map((each) => toApprovalLines(each, palette, width)).join('\n\n')}\n`
}
