/** Reading of the whole environment, or of the gateway's own variables. */
import { normalizePath } from '../path-pattern.ts'
import { type CommandView, type GroupRules, operandsOf } from '../view.ts'

const lists =
  (letters: RegExp, isBare: boolean) =>
  (command: CommandView): boolean => {
    const { args } = command
    if (args.length === 0) return isBare
    return operandsOf(command).length === 0 && args.some(({ value }) => letters.test(value))
  }

/** `set` alone, or `set -o posix; set`: an option or an operand changes the shell instead. */
const bareSet = ({ args }: CommandView): boolean => args.length === 0

const PROCESS_FOLDER = /^\/proc(?:\/(?:[0-9]+|self|thread-self|[*?\uE001]+))?$/

/** Reading a whole folder of a process reads its environment as well. */
const readsFolders =
  (recursive: RegExp | null): ((command: CommandView) => boolean) =>
  ({ args }) =>
    args.some(({ value }) => PROCESS_FOLDER.test(normalizePath(value))) &&
    (recursive === null || args.some(({ value }) => recursive.test(value)))

const RECURSIVE = /^-[a-zA-Z]*[rRa]|^--(?:recurs|deref|archive)/

const GATEWAY_VARIABLE = /^(?:GOCLAW|EDGECLAW)_/

export const envDump: GroupRules = {
  group: 'env_dump',
  reason: 'it would print the environment',
  commands: {
    printenv: true,
    set: bareSet,
    export: lists(/^-[a-z]*p/, true),
    declare: lists(/^-[a-zA-Z]*[px]/, true),
    typeset: lists(/^-[a-zA-Z]*[px]/, true),
    readonly: lists(/^-[a-z]*p/, true),
    compgen: ({ args }) => args.some(({ value }) => /^-[a-z]*e/.test(value) || value === 'export'),
    grep: readsFolders(RECURSIVE),
    egrep: readsFolders(RECURSIVE),
    fgrep: readsFolders(RECURSIVE),
    rg: readsFolders(null),
    ag: readsFolders(null),
    ack: readsFolders(null),
    tar: readsFolders(null),
    cp: readsFolders(RECURSIVE),
    rsync: readsFolders(RECURSIVE),
    // The one letter without a dash that shows environments.
    ps: ({ args }) =>
      args.some(({ value }) => /^[a-zA-Z]*e[a-zA-Z]*$/.test(value) && /[wx]/.test(value)),
    jq: ({ args }) => args.some(({ value }) => /(?:^|[\s|(])(?:env|\$ENV)(?:[\s|)]|$)/.test(value)),
  },
  isDeniedReading: (name) => GATEWAY_VARIABLE.test(name),
  isDeniedWord: (word) => GATEWAY_VARIABLE.test(word),
}
