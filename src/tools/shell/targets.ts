/** Which files a command writes, apart from redirects. */
import { baseOf } from './path-pattern.ts'
import { filesWrittenBySed } from './rules/sed.ts'
import { type CommandView, hasOption, operandsOf, valuesOf } from './view.ts'

/** Destinations that are folders by their looks: what is put there keeps its name. */
const FOLDER = /\/$|^~$|^\/(?:root|home\/[^/]+)$|(?:^|\/)\.ssh$/

function last(command: CommandView): readonly string[] {
  const [folder] = valuesOf(command, 't', 'target-directory')
  const operands = operandsOf(command)
  const target = folder ?? operands.at(-1)
  if (target === undefined) return []
  if (folder === undefined && !FOLDER.test(target)) return [target]
  const sources = folder === undefined ? operands.slice(0, -1) : operands
  const parent = target.replace(/\/$/, '')
  return [target, ...sources.map((source) => `${parent}/${baseOf(source)}`)]
}

/** `touch -- -rf`: `rm *` will take it for an option. */
export const OPTION_NAME = /(?:^|\/)-./

/** `https://example.org/a/b.sh?c` is kept as `b.sh`. */
const namesOfAddresses = (command: CommandView): readonly string[] =>
  operandsOf(command).flatMap((address) => {
    const name = baseOf(address.replace(/[?#].*/s, ''))
    return name === '' || name === address ? [] : [name]
  })

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
    curl: (command) => [
      ...valuesOf(command, 'o', 'output'),
      ...(hasOption(command, 'O', 'remote-name') ? namesOfAddresses(command) : []),
    ],
    wget: (command) => {
      const given = valuesOf(command, 'O', 'output-document')
      return given.length > 0 ? given : namesOfAddresses(command)
    },
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
