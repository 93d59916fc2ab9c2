/** Programs whose business is a raw connection, which a shell can be tied to. */
import { type CommandView, type GroupRules, hasSubcommand, unlessQuestion } from '../view.ts'

const TLS_CONNECTIONS = new Set(['s_client', 's_server', 's_time'])

const makesPipe = ({ args }: CommandView): boolean => args.some(({ value }) => value === 'p')

export const reverseShell: GroupRules = {
  group: 'reverse_shell',
  reason: 'it would open a raw connection that a shell can be tied to',
  commands: {
    nc: unlessQuestion,
    pwncat: unlessQuestion,
    cryptcat: unlessQuestion,
    socat: unlessQuestion,
    telnet: unlessQuestion,
    websocat: unlessQuestion,
    openssl: (command) => hasSubcommand(command, TLS_CONNECTIONS),
    mkfifo: unlessQuestion,
    mknod: makesPipe,
    zmodload: ({ args }) => args.some(({ value }) => value.includes('net/')),
  },
  isDeniedWord: (word) => /\/dev\/(?:tcp|udp)\/|\/inet[46]?\/(?:tcp|udp)\//.test(word),
}
