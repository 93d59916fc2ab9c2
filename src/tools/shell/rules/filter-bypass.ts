/** Options and habits through which a harmless program runs another one. */
import { type CommandView, type GroupRules, type Rule, valuesOf } from '../view.ts'
import { gitRunsProgram } from './git.ts'
import { sedRunsProgram } from './sed.ts'

const option =
  (pattern: RegExp): Rule =>
  ({ args }) =>
    args.some(({ value }) => pattern.test(value))

const valuesAfter = ({ args }: CommandView, name: RegExp): string[] =>
  args.flatMap(({ value }, at) => {
    if (name.test(value)) return [args[at + 1]?.value ?? '']
    const equals = value.indexOf('=')
    return equals > 0 && name.test(value.slice(0, equals)) ? [value.slice(equals + 1)] : []
  })

const HISTORY_FILE = /(?:^|\/)\.(?:bash|zsh|sh|ash)_history$/

/** `-I PROGRAM`, `xIf`: old-style bundles have no dash. */
function tarRunsProgram({ args }: CommandView): boolean {
  return args.some(({ value }, at) => {
    if (/^--(?:checkpoint-a|to-c|use-c|info-s|new-v|rsh-c|rmt-c)/.test(value)) return true
    // Letters up to the first that takes the rest as its value.
    if (/^-[^-]/.test(value)) return /^-[^IFfCbTXNgKLVH]*[IF]/.test(value)
    return at === 0 && /^[a-zA-Z]*[IF][a-zA-Z]*$/.test(value)
  })
}

/** Other shells read some texts differently than bash does, in whose grammar all is judged. */
const takesCode: Rule = ({ args, hasInput }) =>
  args.some(({ value }) => /^-[a-zA-Z]*[cs]|^\uE000/.test(value)) || (args.length === 0 && hasInput)

/** An editor's commands: a bang runs a shell, and so do its scripting languages. */
const editorCommand =
  /^(?::|\+:?|-c:?)?\s*(?:silent!?\s+)?(?:r(?:ead)?\s*)?!|\b(?:py3?(?:thon3?)?|perl|ruby|lua|tcl|system|call\s+system|terminal|term|delete)\b/

const editor: Rule = (command) =>
  [
    ...valuesOf(command, 'cS', 'cmd'),
    ...command.args.map(({ value }) => value).filter((value) => value.startsWith('+')),
  ].some((value) => editorCommand.test(value))

const clientShell =
  (letters: string, long: string): Rule =>
  (command) =>
    [...valuesOf(command, letters, long), ...command.args.map(({ value }) => value)].some((value) =>
      /(?:^|[\s;])\\!|(?:^|\n)[ \t]*\.(?:shell|system)\b|^system\s/.test(value),
    )

export const filterBypass: GroupRules = {
  group: 'filter_bypass',
  reason: 'it would make a harmless program run another one',
  commands: {
    sed: sedRunsProgram,
    sort: option(/^--com/),
    gsort: option(/^--com/),
    git: gitRunsProgram,
    rm: option(HISTORY_FILE),
    shred: option(HISTORY_FILE),
    rg: option(/^--(?:pre(?:=|$)|hostname-bin)/),
    grep: option(/^--pre(?:=|$)/),
    man: option(/^-[a-zA-Z]*H|^--ht/),
    tar: tarRunsProgram,
    history: ({ args }) => args.some(({ value }) => /^-[cdwarnps]/.test(value)),
    fc: option(/^-s/),
    hash: option(/^-[a-z]*p/),
    enable: option(/^-[a-z]*f/),
    dash: takesCode,
    ash: takesCode,
    zsh: takesCode,
    ksh: takesCode,
    mksh: takesCode,
    zip: option(/^-[a-zA-Z]*TT|^--unzip-command/),
    cpio: option(/^--rsh-c/),
    ssh: option(/ProxyCommand|LocalCommand|KnownHostsCommand|PKCS11Provider|SecurityKeyProvider/i),
    scp: option(/^-S|ProxyCommand/i),
    sftp: option(/^-[SD]|ProxyCommand/i),
    wget: option(/^--use-a/),
    install: option(/^--strip-p/),
    vim: editor,
    ed: option(/^!/),
    sqlite3: clientShell('', 'cmd'),
    mysql: clientShell('e', 'execute'),
    mariadb: clientShell('e', 'execute'),
    psql: clientShell('c', 'command'),
    gdb: (command) =>
      valuesAfter(command, /^--?(?:ex|iex|eval-command|init-eval-command)$/).some((value) =>
        /^\s*(?:!|shell\b|py(?:thon)?\b|pi\b|call\b|guile\b)/.test(value),
      ),
    emacs: (command) =>
      valuesAfter(command, /^--?(?:eval|execute|f|funcall)$/).some((value) =>
        /shell|call-process|start-process|term/.test(value),
      ),
    expect: (command) =>
      valuesAfter(command, /^-c$/).some((value) => /\b(?:spawn|exec|system)\b/.test(value)),
    make: option(/^--ev|^SHELL=/),
    gmake: option(/^--ev|^SHELL=/),
    rsync: option(/ProxyCommand|LocalCommand/i),
    nano: option(/^-[a-zA-Z]*s|^--sp/),
    find: option(/^-f(?:print|ls)/),
    less: option(/^\+\+?!/),
    more: option(/^\+!/),
    tcpdump: option(/^-[a-zA-Z]*z/),
    aria2c: option(/^--on-/),
    'ssh-keygen': option(/^-D/),
    unset: option(/^HIST(?:FILE|SIZE|FILESIZE)$/),
    set: ({ args }) =>
      args.some(({ value }, at) => value === 'history' && args[at - 1]?.value === '+o'),
    gcc: option(/^-wrapper/),
    dc: (command) =>
      valuesAfter(command, /^-e$|^--expression$/).some((value) => /!(?![<>=])/.test(value)) ||
      option(/^-e.*!(?![<>=])/)(command),
    apt: option(/invoke|DPkg::/i),
    'apt-get': option(/invoke|DPkg::/i),
    dpkg: option(/^--(?:pre|post|status-logger)/),
    m4: option(/syscmd/),
    pico: option(/^-[a-zA-Z]*s|^--sp/),
  },
  isDeniedTarget: (path) => HISTORY_FILE.test(path),
  isDeniedVariable: (name, value) =>
    /^HIST(?:FILE|SIZE|FILESIZE)$/.test(name) && /^(?:0?|\/dev\/null)$/.test(value),
}
