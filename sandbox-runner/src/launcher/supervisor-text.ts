/** The program that runs inside the container, put together of its files. */
import { readFileSync } from 'node:fs'

/** Beside this file, in order. */
export const SUPERVISOR_FILES = [
  'files.pl',
  'changes.pl',
  'egress.pl',
  'pack.pl',
  'supervisor.pl',
] as const

/** Comments would be sent to the engine with every job. */
const withoutComments = (script: string): string =>
  script
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')

export const readSupervisorText = (): string =>
  SUPERVISOR_FILES.map((name) =>
    withoutComments(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')),
  ).join('\n')
