/**
 * A sentence for the person at the terminal, thrown where going on makes no sense. Whatever else is
 * thrown is a bug and keeps its stack.
 */
import { paletteFor } from './terminal.ts'

export class CliFailure extends Error {
  override readonly name = 'CliFailure'
}

/** Runs a command's `main`: a failure becomes one line and exit code 1. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main()
  } catch (error) {
    const { red } = paletteFor(process.stderr)
    const text =
      error instanceof CliFailure
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error)
    process.stderr.write(`${red('edgeclaw:')} ${text}\n`)
    process.exitCode = 1
  }
}
