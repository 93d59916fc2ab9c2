/** `edgeclaw approvals`: the tool calls that wait for a human, and the human's answer. */
import { nearestKey } from '../domain/config/nearest-key.ts'
import { type ApprovalView, toApprovalLines } from './approval-view.ts'
import { RefusedError } from './client.ts'
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

type Subcommand = 'list' | 'show' | 'approve' | 'deny' | 'standing' | 'revoke'

export interface ApprovalsIo {
  readonly stdout: Output
  readonly env: Environment
}

const METHODS: Readonly<Record<Subcommand, string>> = {
  list: 'exec.approval.list',
  show: 'exec.approval.get',
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

const TAKES_ID: ReadonlySet<Subcommand> = new Set(['show', 'approve', 'deny', 'revoke'])

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
  readonly approval?: ApprovalView
  readonly total?: number
  readonly next?: string | null
}

type Ask = (method: string, params: Readonly<Record<string, unknown>>) => Promise<unknown>

/** As many as anybody reads; how many more there are is said. */
const MAX_LISTED = 200

/**
 * Every page. A call that a list cuts stays as it came, and says so: whoever decides about one asks for that
 * one, and a long list does not become as many requests.
 */
export async function listAll(ask: Ask): Promise<Listed> {
  const pending: ApprovalView[] = []
  let total = 0
  for (let cursor: string | null = null; ; ) {
    const page = (await ask(METHODS.list, cursor === null ? {} : { cursor })) as Listed
    pending.push(...(page.pending ?? []))
    total = page.total ?? pending.length
    cursor = page.next ?? null
    if (cursor === null || pending.length >= MAX_LISTED) return { pending, total }
  }
}

/** The one that is decided about, so that what was approved stands whole above its ✓. */
async function wholeOf(id: string, ask: Ask): Promise<ApprovalView | null> {
  try {
    return ((await ask(METHODS.show, { id })) as Listed).approval ?? null
  } catch (error) {
    // Answered meanwhile, or of a gateway that has no such question: the answer itself will tell.
    if (error instanceof RefusedError) return null
    throw error
  }
}

export async function approvals(args: readonly string[], io: ApprovalsIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  const palette = paletteFor(io.stdout)
  const [name = 'list', id, ...more] = positionals
  const subcommand = parseSubcommand(name)
  const done = DONE[subcommand]
  if (more.length > 0 || TAKES_ID.has(subcommand) !== (id !== undefined)) {
    throw usageFailure(`usage: approvals ${subcommand}${TAKES_ID.has(subcommand) ? ' ID' : ''}`)
  }
  return withGateway(values, io.env, async ({ client }) => {
    const params = { ...(id === undefined ? {} : { id }), always: values.has('always') }
    const ask: Ask = (method, asked) => client.request(method, asked)
    const isText = !values.has('json')
    const decided =
      isText && subcommand === 'approve' && id !== undefined ? await wholeOf(id, ask) : null
    if (decided !== null)
      io.stdout.write(`${toApprovalLines(decided, palette, widthOf(io.stdout))}\n`)
    const answer =
      subcommand === 'list'
        ? await listAll(ask)
        : ((await ask(METHODS[subcommand], params)) as Listed)
    if (!isText) io.stdout.write(`${toJsonText(answer)}\n`)
    else if (done !== undefined) io.stdout.write(`${palette.green('✓')} ${done} ${id}\n`)
    else io.stdout.write(listText(answer, palette, widthOf(io.stdout)))
    return 0
  })
}

function listText(answer: Listed, palette: Palette, width: number): string {
  const { pending, standing, approval, total = 0 } = answer
  const listed = approval === undefined ? (pending ?? standing ?? []) : [approval]
  if (listed.length === 0) {
    return `${palette.dim(pending ? 'Nothing waits for approval.' : 'Nothing is allowed for always.')}\n`
  }
  const more = total - (pending?.length ?? total)
  const rest = more > 0 ? `\n${palette.dim(`${more} more wait.`)}\n` : ''
  return `${listed.map((each) => toApprovalLines(each, palette, width)).join('\n\n')}\n${rest}`
}

export const APPROVALS: Action = {
  flags: FLAGS,
  run: (args, io, verb) => approvals([verb, ...args], io),
}
