/**
 * What a person types, or a pipe brings: whole standard input, a secret without echo, a yes. Questions
 * go to standard error, so that the answer's own stream stays clean.
 */
import type { CommandIo, Input } from './commands/command.ts'
import { CliFailure, usageFailure } from './failure.ts'

/** Far above any token; a file given by mistake must not fill the memory. */
const MAX_INPUT_CHARS = 1_000_000
const INTERRUPTED = 130

type Asking = Pick<CommandIo, 'stdin' | 'stderr'>

export async function readAll(stdin: Input): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    if (text.length > MAX_INPUT_CHARS) throw new CliFailure('standard input is too long')
  }
  return text + decoder.decode()
}

/** From a terminal without echo, from a pipe whole; surrounding white space is nobody's secret. */
export async function readSecret({ stdin, stderr }: Asking, label: string): Promise<string> {
  if (!stdin.isTTY) return (await readAll(stdin)).trim()
  stderr.write(`${label}: `)
  stdin.setRawMode?.(true)
  try {
    return await typedLine(stdin)
  } finally {
    stdin.setRawMode?.(false)
    stderr.write('\n')
  }
}

/** Raw mode hands over every key: Ctrl-C, Ctrl-D and the erase keys are ours to honour. */
async function typedLine(stdin: Input): Promise<string> {
  let typed = ''
  for await (const chunk of stdin) {
    for (const key of typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)) {
      if (key === '\r' || key === '\n' || key === '\u0004') return typed.trim()
      if (key === '\u0003') throw new CliFailure('interrupted', INTERRUPTED)
      if (key === '\u007f' || key === '\b') typed = typed.slice(0, -1)
      else if (key === '\u0015') typed = ''
      else if (typed.length < MAX_INPUT_CHARS) typed += key
    }
  }
  return typed.trim()
}

/** Whoever cannot be asked must have said --yes: nothing is destroyed by a script's accident. */
export async function confirmed({ stdin, stderr }: Asking, question: string): Promise<boolean> {
  if (!stdin.isTTY) throw usageFailure(`${question} Say so with --yes.`)
  stderr.write(`${question} Go on? [y/N] `)
  for await (const chunk of stdin) {
    const line = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    return /^\s*y(es)?\s*$/i.test(line)
  }
  return false
}
