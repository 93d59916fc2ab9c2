/** `edgeclaw approvals`: the tool calls that wait for a human, and the human's answer. */
import { nearestKey } from '../domain/config/nearest-key.ts'
import { type ApprovalView, toApprovalLines } from './approval-view.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import type { Environment } from './start/options.ts'
import { type Palette, paletteFor, toJsonText, widthOf } from './terminal.ts'
import type { Output } from './transcript.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'always', help: 'with approve: the same command needs no approval from now on' },
  ...CONNECTION_FLAGS,
]

type Subcommand = 'list' | 'approve' | 'deny' | 'standing' | 'revoke'

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
  if (Object.hasOwn(METHODS, name)) return name as Subcommand
  const near = nearestKey(name, Object.keys(METHODS))
  throw usageFailure(
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
  const [name = 'list', id, ...more] = positionals
  const subcommand = parseSubcommand(name)
  const done = DONE[subcommand]
  if (more.length > 0 || (done !== undefined) !== (id !== undefined)) {
    throw usageFailure(`usage: approvals ${subcommand}${done === undefined ? '' : ' ID'}`)
  }
  return withGateway(values, io.env, async ({ client }) => {
    const params = { ...(id === undefined ? {} : { id }), always: values.has('always') }
    const answer = (await client.request(METHODS[subcommand], params)) as Listed
    if (values.has('json')) io.stdout.write(`${toJsonText(answer)}\n`)
    else if (done !== undefined) io.stdout.write(`${palette.green('✓')} ${done} ${id}\n`)
    else io.stdout.write(listText(answer, palette, widthOf(io.stdout)))
    return 0
  })
}

function listText({ pending, standing }: Listed, palette: Palette, width: number): string {
  const listed = pending ?? standing ?? []
  if (listed.length === 0) {
    return `${palette.dim(pending ? 'Nothing waits for approval.' : 'Nothing is allowed for always.')}\n`
  }
  return `${listed.map((each) => toApprovalLines(each, palette, width)).join('\n\n')}\n`
}

export const APPROVALS: Action = {
  flags: FLAGS,
  run: (args, io, verb) => approvals([verb, ...args], io),
}
