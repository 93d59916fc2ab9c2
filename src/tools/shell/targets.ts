/** Which files a command writes, apart from redirects. */
import { filesWrittenBySed } from './rules/sed.ts'
import { type CommandView, operandsOf, valuesOf } from './view.ts'

const last = (command: CommandView): readonly string[] => {
  const target = valuesOf(command, 't', 'target-directory')
  return target.length > 0 ? target : operandsOf(command).slice(-1)
}

/** `touch -- -rf`: `rm *` will take it for an option. */
export const OPTION_NAME = /(?:^|\/)-./

type Writer = (command: CommandView) => readonly string[]

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>(
  Object.entries({
    tee: operandsOf,
    cp: last,
    mv: last,
    ln: last,
    install: last,
    rsync: last,
    scp: last,
    truncate: operandsOf,
    touch: operandsOf,
    mkdir: (command) => operandsOf(command).filter((path) => OPTION_NAME.test(path)),
    sponge: operandsOf,
    patch: operandsOf,
    dd: ({ args }) =>
      args.flatMap(({ value }) => (value.startsWith('of=') ? [value.slice(3)] : [])),
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
  } satisfies Record<string, Writer>),
)

const NONE: readonly string[] = []

export const filesWrittenBy = (command: CommandView): readonly string[] =>
  WRITERS.get(command.name)?.(command) ?? NONE
