/** Git's many ways to run another program: transports, hooks, pagers, filters, aliases. */
import { UNKNOWN } from '../arg.ts'
import type { CommandView } from '../view.ts'

/** Keys whose value is a command line, or leads to one. */
const COMMAND_KEYS =
  /^(?:core\.(?:sshcommand|pager|editor|hookspath|fsmonitor|gitproxy|askpass|alternaterefscommand|attributesfile)|pager\..*|alias\..*|diff\.(?:external|.*\.(?:command|textconv))|(?:diff|merge)tool\..*\.(?:cmd|path)|merge\..*\.driver|filter\..*\.(?:clean|smudge|process)|credential\.(?:.*\.)?helper|gpg\.(?:.*\.)?(?:program|defaultkeycommand)|sequence\.editor|protocol\.(?:.*\.)?allow|uploadpack\.packobjectshook|include(?:if\..*)?\.path|remote\..*\.(?:uploadpack|receivepack|vcs)|browser\..*\.cmd|man\..*\.cmd|sendemail\..*(?:cmd|server)|init\.templatedir|interactive\.difffilter|submodule\..*\.update|trailer\..*\.(?:command|cmd)|tar\..*\.command|instaweb\.httpd|http\..*sslengine)$/i

/** Programs and helpers that users really set there; anything else is looked upon as code. */
const HARMLESS_VALUE =
  /^(?:|true|false|always|never|user|cat|less|more|most|delta|bat|vi|vim|nvim|emacs|nano|micro|pico|ed|code|subl|atom|kak|hx|helix|gedit|kate|meld|vimdiff|nvimdiff|opendiff|diff-so-fancy|gpg2?|ssh|store|cache|manager(?:-core)?|osxkeychain|libsecret|wincred|git-lfs (?:clean|smudge) -- %f|git-lfs filter-process)(?:\s+-[-A-Za-z0-9=]+)*$/

const TRANSPORT_OPTIONS =
  /^--(?:upload-p|receive-p|exec=|exec$|exec-path=|open-files-in-p|smtp-server|sendmail-cmd|gpg-program)/
const VALUE_OPTIONS = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
])

/** Index of the subcommand behind git's own options; the length when there is none. */
export function subcommandAt(values: readonly string[]): number {
  let at = 0
  while (at < values.length && values[at]?.startsWith('-')) {
    at += VALUE_OPTIONS.has(values[at] ?? '') ? 2 : 1
  }
  return Math.min(at, values.length)
}

const isCommandKey = (key: string, value: string): boolean => {
  if (!COMMAND_KEYS.test(key)) return false
  if (/^alias\./i.test(key)) return value.startsWith('!') || value.includes(UNKNOWN)
  if (/^protocol\./i.test(key)) return /^always$/i.test(value)
  return !HARMLESS_VALUE.test(value)
}

export function gitRunsProgram({ args }: CommandView): boolean {
  const values = args.map(({ value }) => value)
  const at = subcommandAt(values)
  const subcommand = values[at]
  for (let i = 0; i < at; i++) {
    const setting = values[i] === '-c' ? values[i + 1] : /^-c(.+)$/.exec(values[i] ?? '')?.[1]
    const [key, value] = splitSetting(setting ?? '')
    if (isCommandKey(key, value) || values[i]?.startsWith('--config-env')) return true
    if (values[i]?.startsWith('--exec-path=') === true) return true
  }
  const rest = values.slice(at + 1)
  if (rest.some((value) => /^(?:ext|fd)::/.test(value))) return true
  switch (subcommand) {
    case 'remote-ext':
    case 'remote-fd':
      return true
    case 'rebase':
    case 'bisect':
    case 'submodule':
    case 'filter-branch':
    case 'difftool':
      // Their commands are taken out and judged themselves.
      return false
    case 'config': {
      const operands = rest.filter((value) => !value.startsWith('-') && value !== 'set')
      const [key, ...others] = operands
      return key !== undefined && others.length > 0 && isCommandKey(key, others.join(' '))
    }
    case 'clone':
      return rest.some(
        (value, i) =>
          TRANSPORT_OPTIONS.test(value) ||
          value.startsWith('-u') ||
          (/^(?:-c|--config)$/.test(value) && isCommandKey(...splitSetting(rest[i + 1] ?? ''))) ||
          (value.startsWith('--config=') && isCommandKey(...splitSetting(value.slice(9)))),
      )
    case 'grep':
      return rest.some((value) => /^-[a-zA-Z]*O/.test(value) || TRANSPORT_OPTIONS.test(value))
    default:
      return rest.some((value) => TRANSPORT_OPTIONS.test(value))
  }
}

function splitSetting(setting: string): [string, string] {
  const equals = setting.indexOf('=')
  return equals < 0 ? [setting, ''] : [setting.slice(0, equals), setting.slice(equals + 1)]
}
