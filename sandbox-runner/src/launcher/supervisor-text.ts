/** The program that runs inside the container, put together of its files. */
import { readFileSync } from 'node:fs'

const FILES = ['./egress.pl', './supervisor.pl']

/** Comments would be sent to the engine with every job. */
const withoutComments = (script: string): string =>
  script
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')

export const readSupervisorText = (): string =>
  FILES.map((path) => withoutComments(readFileSync(new URL(path, import.meta.url), 'utf8'))).join(
    '\n',
  )
