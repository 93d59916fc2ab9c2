/**
 * Git: an allow list of subcommands, since others exist to run what they are told (`bisect run`,
 * `submodule foreach`, `rebase -x`, `remote-ext`, `difftool`, …), and of options before them.
 */
import { checkGitFiles } from './git-config.ts'
import { GIT_PINS } from './git-pins.ts'
import { type Hardening, RUNS_OTHERS } from './profile.ts'

const GLOBAL_FLAGS = new Set([
  '--no-pager',
  '--literal-pathspecs',
  '--no-replace-objects',
  '--no-optional-locks',
])
const ALONE = new Set(['--version', '-v', '--help', '-h'])

const SUBCOMMANDS = new Set(
  `
  add apply archive blame branch cat-file check-ignore checkout cherry cherry-pick clean clone commit
  config describe diff diff-index diff-tree fetch for-each-ref format-patch grep init log ls-files
  ls-remote ls-tree merge merge-base mv name-rev notes pull push reflog remote reset restore rev-list
  rev-parse revert rm shortlog show show-ref stash status switch symbolic-ref tag
`.match(/\S+/g),
)

/**
 * Options that name a program, a template or configuration. Git takes any unambiguous beginning of
 * a long one, so a beginning is enough; among the short ones that stand together may be digits.
 */
const DENIED: Readonly<Record<string, RegExp>> = {
  archive: /^--(?:e|r|add)/,
  clone: /^--(?:c|u|t|sep|ref|rec|remote|bu)|^-[A-Za-z0-9]*[cu]/,
  config: /^--(?:e$|ed|f)|^-[A-Za-z0-9]*[ef]/,
  fetch: /^--(?:upl|rec)/,
  grep: /^--op|^-[A-Za-z0-9]*O/,
  init: /^--(?:t|sep)/,
  'ls-remote': /^--(?:u|ex)/,
  'cherry-pick': /^--str/,
  merge: /^-[A-Za-z0-9]*s|^--str/,
  pull: /^--(?:upl|rec|str)|^-[A-Za-z0-9]*s/,
  push: /^--(?:rec|e)/,
  revert: /^--str/,
}

function checkGitArgs(args: readonly string[]): string | null {
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '-C') at++
    else if (!GLOBAL_FLAGS.has(arg)) break
  }
  const [subcommand, ...rest] = args.slice(at)
  if (subcommand === undefined) return null
  if (ALONE.has(subcommand)) return rest.length === 0 ? null : RUNS_OTHERS
  if (!SUBCOMMANDS.has(subcommand)) {
    return 'this git subcommand, or an option before it, is not possible with a credential'
  }
  const denied = DENIED[subcommand]
  // Behind `--` too: it may be the value of the option before it (`grep -e -- -O…`).
  return denied !== undefined && rest.some((arg) => denied.test(arg)) ? RUNS_OTHERS : null
}

export const GIT: Hardening = {
  port: null,
  env: GIT_PINS,
  checkArgs: checkGitArgs,
  checkFiles: checkGitFiles,
}
