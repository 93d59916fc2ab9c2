/** The `edgeclaw` command: words, the table of commands, and this process's streams. */
import { SECTIONS } from './commands/table.ts'
import { dispatch } from './dispatch.ts'
import { runMain } from './failure.ts'

const { stdout, stderr, stdin, env } = process
const nouns = SECTIONS.flatMap((section) => section.nouns)

// Whoever reads only the beginning (`edgeclaw … | head`) has what they wanted.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

await runMain(() =>
  dispatch(process.argv.slice(2), { stdout, stderr, stdin, env, nouns }, SECTIONS),
)
