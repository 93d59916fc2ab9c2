/**
 * `edgeclaw runner-key`: the key that signs jobs, and the half of it that runners are given. It asks
 * no gateway and writes no file; where the private half goes is the operator's to say.
 */
import { readFileSync } from 'node:fs'
import { generateRunnerKey, publicRunnerKey } from '../crypto/job-token.ts'
import type { Action } from './commands/command.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { parseFlags } from './flags.ts'

const STDIN = 0
/** A runner takes no more: the present key and the one that replaces it. */
const MAX_KEYS = 2

export interface RunnerKeyTerminal {
  readonly stdout: { write(text: string): unknown }
  readonly read: (file: string | number) => string
}

const publicHalf = async (text: string) =>
  publicRunnerKey(text).catch((error: unknown) => {
    throw new CliFailure(error instanceof Error ? error.message : String(error))
  })

export async function runnerKey(
  args: readonly string[],
  { stdout, read }: RunnerKeyTerminal = {
    stdout: process.stdout,
    read: (file) => readFileSync(file, 'utf8'),
  },
): Promise<number> {
  const { positionals } = parseFlags(args, [])
  const [action, ...files] = positionals
  if (action === 'new' && files.length === 0) {
    stdout.write(`${JSON.stringify((await generateRunnerKey()).privateJwk)}\n`)
    return 0
  }
  if (action !== 'public' || files.length > MAX_KEYS) {
    throw usageFailure('runner-key takes new, or public with at most two files')
  }
  const sources = files.length === 0 ? [STDIN] : files
  const texts = sources.map((file) => {
    try {
      return read(file)
    } catch {
      throw new CliFailure(`${String(file)} cannot be read`)
    }
  })
  stdout.write(`${JSON.stringify(await Promise.all(texts.map(publicHalf)))}\n`)
  return 0
}

export const RUNNER_KEY: Action = {
  flags: [],
  run: (args, _, verb) => runnerKey([verb, ...args]),
}
