/** The `edgeclaw` command: a table of commands, each of which parses its own flags. */
import { approvals } from './approvals.ts'
import { chat } from './chat.ts'
import { config } from './config.ts'
import { CliFailure, runMain } from './failure.ts'
import { nearest } from './flags.ts'
import { packages } from './packages.ts'
import { runnerKey } from './runner-key.ts'
import { paletteFor } from './terminal.ts'

interface Command {
  readonly summary: string
  run(args: readonly string[]): Promise<number>
}

/** Exit code of a program that Ctrl-C ended (128 + SIGINT). */
const INTERRUPTED = 130
/** How long a run that is to be stopped may take to say so. */
const ABORT_GRACE_MS = 2_000

async function runChat(args: readonly string[]): Promise<number> {
  const interruption = new AbortController()
  process.once('SIGINT', () => {
    interruption.abort()
    setTimeout(() => process.exit(INTERRUPTED), ABORT_GRACE_MS).unref()
  })
  const { stdout, stderr, env } = process
  const code = await chat(args, { stdout, stderr, env, signal: interruption.signal })
  return interruption.signal.aborted ? INTERRUPTED : code
}

const runConfig = (args: readonly string[]): Promise<number> => {
  const { stdout, stderr, env } = process
  return config(args, { stdout, stderr, env })
}

const runApprovals = (args: readonly string[]): Promise<number> =>
  approvals(args, { stdout: process.stdout, env: process.env })

const runPackages = (args: readonly string[]): Promise<number> => {
  const { stdout, stderr, env } = process
  return packages(args, { stdout, stderr, env })
}

const COMMANDS: Readonly<Record<string, Command>> = {
  chat: { summary: 'send a message and show the answer as it streams', run: runChat },
  approvals: { summary: 'see and answer the tool calls that wait for a human', run: runApprovals },
  packages: { summary: 'see and change what is installed for an agent', run: runPackages },
  config: { summary: 'read and change the configuration, or harden it', run: runConfig },
  'runner-key': { summary: 'make the key that signs jobs, or its public half', run: runnerKey },
}

function help(): string {
  const { bold, dim } = paletteFor(process.stdout)
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${bold(name.padEnd(width))}   ${summary}`,
  )
  return `edgeclaw COMMAND [flags]\n\n${rows.join('\n')}\n\n${dim('edgeclaw COMMAND --help tells more. The gateway itself is started with npm start.')}\n`
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(help())
    return name === undefined ? 1 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command.run(args)
  const near = nearest(name, Object.keys(COMMANDS))
  const hint = near === null ? '' : ` Did you mean ${near}?`
  throw new CliFailure(`unknown command ${JSON.stringify(name)}.${hint}\n\n${help()}`)
}

await runMain(main)
