/**
 * A sentence for the person at the terminal, thrown where going on makes no sense. Whatever else is
 * thrown is a bug and keeps its stack.
 */
import { EXIT } from './exit-codes.ts'
import { paletteFor, toPlainText } from './terminal.ts'

export class CliFailure extends Error {
  override readonly name = 'CliFailure'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.refused) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Nothing was asked of anybody: the words on the command line were wrong. */
export const usageFailure = (message: string): CliFailure => new CliFailure(message, EXIT.usage)

/** Runs a command's `main`: a failure becomes one line and its exit code. */
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
    // A sentence may quote what a gateway said, and a gateway is a stranger to the terminal.
    process.stderr.write(`${red('edgeclaw:')} ${toPlainText(text)}\n`)
    process.exitCode = error instanceof CliFailure ? error.exitCode : EXIT.refused
  }
}
