/** Installing and removing of packages, whose scripts run unseen. */
import { names } from '../names.ts'
import { type CommandView, type GroupRules, hasSubcommand, operandsOf, type Rule } from '../view.ts'

const sub = (...names: string[]): Rule => {
  const set = new Set(names)
  return (command) => hasSubcommand(command, set)
}

const DEBIAN = sub(
  ...names('install remove purge autoremove auto-remove reinstall upgrade'),
  ...names('full-upgrade dist-upgrade build-dep autopurge safe-upgrade'),
)
const RED_HAT = sub(
  ...names('install remove erase autoremove reinstall upgrade update downgrade'),
  ...names('localinstall groupinstall in rm up'),
)
const PIP = sub('install', 'uninstall')
const NODE = sub(
  ...names('install i in ins isntall add ci clean-install ic uninstall'),
  ...names('un unlink remove rm r'),
)

/** `pacman -Syu`, `-Rns`, `--sync`: the first letter is the operation; searching changes nothing. */
const pacman: Rule = ({ args }) =>
  args.some(({ value }) => /^-[RU]|^--(?:remove|upgrade)/.test(value)) ||
  args.some(({ value }) => /^-S[^sigl]*$|^--sync$/.test(value))

const dpkg: Rule = ({ args }) =>
  args.some(({ value }) => /^-[irP]$|^--(?:install|remove|purge|unpack|configure)/.test(value))

/** `python -m pip install`, `-mpip`. */
function pythonModule(command: CommandView): boolean {
  const at = command.args.findIndex(({ value }) => /^-[a-zA-Z]*m/.test(value))
  if (at < 0) return false
  const joined = command.args[at]?.value.replace(/^-[a-zA-Z]*?m/, '') ?? ''
  const module = joined === '' ? command.args[at + 1]?.value : joined
  const rest = { ...command, args: command.args.slice(joined === '' ? at + 2 : at + 1) }
  if (module === 'ensurepip' || module === 'easy_install') return true
  return (module === 'pip' || module === 'pip3') && PIP(rest)
}

/** Bare `yarn` installs. */
const yarn: Rule = (command) =>
  (command.args.length === 0 && operandsOf(command).length === 0) ||
  sub('install', 'add', 'remove', 'upgrade', 'up')(command) ||
  (sub('global')(command) &&
    command.args.some(({ value }) => /^(?:add|remove|upgrade)$/.test(value)))

export const packageInstall: GroupRules = {
  group: 'package_install',
  reason: 'it would install or remove packages',
  commands: {
    pip: PIP,
    python: pythonModule,
    easy_install: true,
    npm: NODE,
    pnpm: NODE,
    yarn,
    uv: sub('add', 'remove'),
    apk: sub('add', 'del', 'upgrade', 'fix'),
    apt: DEBIAN,
    'apt-get': DEBIAN,
    aptitude: DEBIAN,
    dpkg,
    rpm: ({ args }) =>
      args.some(({ value }) => /^-[iUe][a-z]*$|^--(?:install|upgrade|erase)/.test(value)),
    yum: RED_HAT,
    dnf: RED_HAT,
    microdnf: RED_HAT,
    zypper: sub('install', 'in', 'remove', 'rm', 'dup'),
    pacman,
    brew: sub('install', 'uninstall', 'remove', 'reinstall'),
    snap: sub('install', 'remove', 'refresh'),
    flatpak: sub('install', 'uninstall'),
    gem: sub('install', 'i', 'uninstall', 'update'),
    cargo: sub('install', 'add', 'uninstall', 'remove', 'rm'),
    go: sub('install', 'get'),
    composer: sub('install', 'require', 'remove'),
  },
}
