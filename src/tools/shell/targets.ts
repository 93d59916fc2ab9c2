/** Which files a command writes, apart from redirects. */
import { filesWrittenBySed } from './rules/sed.ts'
import { type CommandView, operandsOf, valuesOf } from './view.ts'

const last = (command: CommandView): readonly string[] => {
  const target = valuesOf(command, 't', 'target-directory')
  return target.length > 0 ? target : operandsOf(command).slice(-1)
}

const WRITERS: Readonly<Record<string, (command: CommandView) => readonly string[]>> = {
  tee: operandsOf,
  cp: last,
  mv: last,
  ln: last,
  install: last,
  rsync: last,
  scp: last,
  truncate: operandsOf,
  touch: operandsOf,
  sponge: operandsOf,
  patch: operandsOf,
  vim: () => [],
  dd: ({ args }) => args.flatMap(({ value }) => (value.startsWith('of=') ? [value.slice(3)] : [])),
  curl: (command) => valuesOf(command, 'o', 'output'),
  wget: (command) => valuesOf(command, 'O', 'output-document'),
  sed: (command) => [
    ...filesWrittenBySed(command),
    ...(command.args.some(({ value }) => /^-[a-zA-Z]*i|^--in-p/.test(value))
      ? operandsOf(command).slice(1)
      : []),
  ],
  perl: (command) =>
    command.args.some(({ value }) => /^-[a-zA-Z0]*i/.test(value)) ? operandsOf(command) : [],
  sort: (command) => valuesOf(command, 'o', 'output'),
}

export const filesWrittenBy = (command: CommandView): readonly string[] =>
  Object.hasOwn(WRITERS, command.name) ? (WRITERS[command.name]?.(command) ?? []) : []
