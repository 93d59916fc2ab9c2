/** Installing and removing of packages, whose scripts run unseen. */
import { type CommandView, type GroupRules, hasSubcommand, operandsOf, type Rule } from '../view.ts'

const sub = (...names: string[]): Rule => {
  const set = new Set(names)
  return (command) => hasSubcommand(command, set)
}

const DEBIAN = sub(
  ...['install', 'remove', 'purge', 'autoremove', 'auto-remove', 'reinstall', 'upgrade'],
  ...['full-upgrade', 'dist-upgrade', 'build-dep', 'autopurge', 'safe-upgrade'],
)
const RED_HAT = sub(
  ...['install', 'remove', 'erase', 'autoremove', 'reinstall', 'upgrade', 'update', 'downgrade'],
  ...['localinstall', 'groupinstall', 'in', 'rm', 'up'],
)
const PIP = sub('install', 'uninstall')
const NODE = sub(
  ...['install', 'i', 'in', 'ins', 'isntall', 'add', 'ci', 'clean-install', 'ic', 'uninstall'],
  ...['un', 'unlink', 'remove', 'rm', 'r'],
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
  (sub('global')(command) && command.args.some(({ value }) => /^(?:add|remove|upgrade)$/.test(value)))

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
    bun: sub('install', 'i', 'add', 'remove'),
    uv: sub('add', 'remove'),
    poetry: sub('add', 'remove', 'install'),
    pdm: sub('add', 'remove', 'install'),
    apk: sub('add', 'del', 'upgrade', 'fix'),
    apt: DEBIAN,
    'apt-get': DEBIAN,
    aptitude: DEBIAN,
    'apt-mark': () => false,
    dpkg,
    rpm: ({ args }) =>
      args.some(({ value }) => /^-[iUeF][a-z]*$|^--(?:install|upgrade|erase)/.test(value)),
    yum: RED_HAT,
    dnf: RED_HAT,
    microdnf: RED_HAT,
    zypper: sub('install', 'in', 'remove', 'rm', 'update', 'up', 'dup'),
    pacman,
    yay: pacman,
    paru: pacman,
    emerge: ({ args }) => args.length > 0 && !args.some(({ value }) => /^-[ps]|^--(?:search|pretend|info|sync|help)/.test(value)),
    brew: sub('install', 'uninstall', 'remove', 'rm', 'reinstall', 'upgrade', 'tap'),
    port: sub('install', 'uninstall', 'upgrade'),
    pkg: sub('install', 'delete', 'remove', 'upgrade'),
    pkg_add: true,
    snap: sub('install', 'remove', 'refresh'),
    flatpak: sub('install', 'uninstall', 'remove', 'update'),
    opkg: sub('install', 'remove', 'upgrade'),
    'xbps-install': true,
    'xbps-remove': true,
    gem: sub('install', 'i', 'uninstall', 'update'),
    bundle: sub('install', 'add', 'remove', 'update'),
    bundler: sub('install', 'add', 'remove', 'update'),
    cargo: sub('install', 'add', 'uninstall', 'remove', 'rm', 'binstall'),
    go: sub('install', 'get'),
    composer: sub('install', 'require', 'remove', 'update'),
    cpan: (command) => operandsOf(command).length > 0,
    cpanm: (command) => operandsOf(command).length > 0,
    luarocks: sub('install', 'remove'),
    conda: sub('install', 'remove', 'uninstall'),
    mamba: sub('install', 'remove', 'uninstall'),
    opam: sub('install', 'remove', 'upgrade'),
    cabal: sub('install'),
    stack: sub('install'),
    nuget: sub('install'),
  },
}
